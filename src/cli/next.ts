import type { Receipt } from '../index.ts'

/** The next command to type after a run: to look at what came of it, or to go on. */
export function nextCommand({ folder, reportFolder, facts }: Receipt): string {
  const redact = reportFolder === folder ? '' : ' --redact'
  if (facts.status === 'finished') return `track-sync report ${quote(folder)}${redact} --open`
  const flags = facts.stop?.resumeWith === undefined ? '' : ` ${facts.stop.resumeWith}`
  return `track-sync resume ${quote(folder)}${flags}`
}

export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
