import { exits, type Receipt } from '../index.ts'

/** The next command to type after a run; none where there is nothing left to do. */
export function nextCommand({ folder, summary, facts }: Receipt): string | undefined {
  if (summary.exitCode === exits.ok.code) return undefined
  if (facts.status === 'finished') return `track-sync report ${quote(folder)} --open`
  const flags = facts.stop?.resumeWith === undefined ? '' : ` ${facts.stop.resumeWith}`
  return `track-sync resume ${quote(folder)}${flags}`
}

export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
