import type { Receipt } from '../index.ts'

/** The next command to type after a run: to look at what came of it, or to go on. */
export function nextCommand({ folder, reportFolder, facts }: Receipt): string {
  const redact = reportFolder === folder ? '' : ' --redact'
  // A run whose journal is damaged is not gone on with.
  if (facts.status === 'finished' || facts.damage !== null)
    return `track-sync report ${quote(folder)}${redact} --open`
  const flags = facts.stop?.resumeWith === undefined ? '' : ` ${facts.stop.resumeWith}`
  return `track-sync resume ${quote(folder)}${flags}`
}

/** As a shell reads it back; control characters in the way that bash and zsh know. */
export function quote(text: string): string {
  if (/^[\w./-]+$/.test(text)) return text
  if (!/\p{Cc}/u.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  const coded = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `$'${text.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(/\p{Cc}/gu, coded)}'`
}
