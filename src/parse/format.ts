import { TrackSyncError } from '../model/problem.ts'
import type { Format } from '../model/row.ts'
import { withoutBom } from './slices.ts'

const byExtension: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
}
/** Cell separators that are looked for in a header, the commonest first. */
export const delimiters = [',', ';', '\t', '|'] as const

/** The format of a file by its extension, or by how its content begins where the extension says nothing. */
export function detectFormat(file: string, head: Uint8Array): Format {
  const extension = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? ''
  const known = byExtension[extension]
  if (known !== undefined) return known
  const text = textOf(head).trimStart()
  if (text.startsWith('[')) return 'json'
  if (text.startsWith('{')) return 'ndjson'
  if (delimiters.some(delimiter => (text.split('\n')[0] ?? '').includes(delimiter))) return 'csv'
  throw new TrackSyncError('format_unknown', `The format of ${file} cannot be told.`, {
    file,
    expected: 'a name ending in .csv, .ndjson, .jsonl or .json',
    next: 'Name it with --format csv, --format ndjson or --format json.',
  })
}

/** The cell separator that the header line holds most of, outside of quotation marks. */
export function detectDelimiter(head: Uint8Array): string {
  const unquoted = textOf(head).replaceAll(/"(?:[^"]|"")*"/g, '')
  const line = unquoted.trimStart().split('\n')[0] ?? ''
  const counts = delimiters.map(delimiter => line.split(delimiter).length)
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ','
}

function textOf(head: Uint8Array): string {
  return Buffer.from(withoutBom(head)).toString()
}
