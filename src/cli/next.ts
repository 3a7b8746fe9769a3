import { join } from 'node:path'
import { exits, type Receipt } from '../index.ts'

/** The next command to type after a run; none where there is nothing left to do. */
export function nextCommand({ folder, summary, facts }: Receipt): string | undefined {
  const { objects, exitCode } = summary
  if (exitCode === exits.ok.code) return undefined
  const look = `track-sync report ${quote(folder)} --open`
  if (exitCode === exits.refused.code) return facts.stop?.next ?? look
  const left = objects.notSent > 0 && objects.notSent === objects.total - objects.verified
  const format = facts.planned?.files.some(file => file.header !== null) === true ? 'csv' : 'ndjson'
  if (left)
    return `track-sync import ${quote(join(folder, `rejects.${format}`))}   (the rows that were not sent, with the same settings)`
  return look
}

function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
