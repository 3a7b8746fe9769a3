import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Format } from '../model/row.ts'
import { ElementFinder } from './elements.ts'

const byExtension: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
}
/** Cell separators that are looked for, the commonest first. */
export const delimiters = [',', ';', '\t', '|'] as const

/** The beginning of a file as text. */
export interface Head {
  text: string
  /** Whether there is no more. */
  isAll: boolean
}

/**
 * The format of a file by its extension, or by how it begins where the extension says nothing. How it begins decides
 * between the two ways to write JSON, because both go by either name.
 */
export function detectFormat(file: string, head: Head): Format {
  const extension = /\.([a-z]+)(?:\.(?:gz|gzip|zst|zstd|br))?$/i.exec(file)?.[1]?.toLowerCase() ?? ''
  const named = byExtension[extension]
  const begins = head.text.trimStart()
  const couldBeJson = begins.startsWith('[') || begins.startsWith('{')
  if (named === 'csv' || (named !== undefined && !couldBeJson)) return named
  if (couldBeJson) return isLineByLine(head) ? 'ndjson' : 'json'
  if (delimiters.some(delimiter => firstLine(begins).includes(delimiter))) return 'csv'
  throw new TrackSyncError('format_unknown', `The format of ${file} cannot be determined.`, {
    file,
    expected: 'a name ending in .csv, .ndjson, .jsonl or .json',
    next: 'Set it with --format csv, --format ndjson or --format json.',
  })
}

/** `sep=;` as the first line, by which Excel is told what stands between cells; it is no record. */
const separatorLine = /^"?sep=([^\w\s"]|\t)"?\r?\n?$/i

export function isSeparatorLine(line: string): boolean {
  return separatorLine.test(line)
}

/** What stands between cells: what was said, unless the file is one column by that and several by what it looks like. */
export function delimiterOf(file: string, head: Head, said?: string): string {
  const seen = detectDelimiter(head)
  const header = firstRecords(head)[0] ?? ''
  if (said === undefined || said === seen || header.includes(said) || !header.includes(seen))
    return said ?? seen
  const message = `With the delimiter \`${said}\` ${file} has only one column, \`${sampleOf(header)}\`.`
  throw new TrackSyncError('header_invalid', message, {
    file,
    line: 1,
    field: 'delimiter',
    expected: `\`${seen === '\t' ? 'tab' : seen}\` as the delimiter, by the look of it`,
    came: said,
    next: nextSteps.delimit(seen),
  })
}

function sampleOf(line: string): string {
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

/** The cell separator that cuts the first records into the same number of cells, and into the most of them. */
export function detectDelimiter(head: Head): string {
  const [, told] = separatorLine.exec(firstLine(head.text)) ?? []
  if (told !== undefined) return told
  const records = firstRecords(head)
  const scores = delimiters.map(delimiter => {
    const [header = 1, ...others] = records.map(line => line.split(delimiter).length)
    const alike = others.filter(cells => cells === header).length
    return header === 1 ? 0 : (1 + alike) * 1000 + header
  })
  return delimiters[scores.indexOf(Math.max(...scores))] ?? ','
}

/** The first lines without what stands in quotation marks, and without Excel's word on what stands between cells. */
function firstRecords({ text, isAll }: Head): string[] {
  const unquoted = text.replaceAll(/"(?:[^"]|"")*"/g, '')
  const lines = unquoted.split(/\r\n|\r|\n/)
  // The last line may go on behind what was looked at.
  const whole = isAll || lines.length === 1 ? lines : lines.slice(0, -1)
  return whole.filter((line, i) => line.trim() !== '' && !(i === 0 && isSeparatorLine(line))).slice(0, 100)
}

/**
 * Whether each line is a value of its own. It is, where the first line is whole JSON; where that is broken, it is one
 * bad line among others unless the object turns out to end, and to be sound, further down.
 */
function isLineByLine({ text, isAll }: Head): boolean {
  const begins = text.trimStart()
  const line = firstLine(begins)
  const isAlone = isAll && begins.slice(line.length).trim() === ''
  if (isJson(line)) return !(begins.startsWith('[') && isAlone)
  if (begins.startsWith('[')) return false
  for (const piece of new ElementFinder(Infinity).pieces(Buffer.from(begins))) {
    if ('element' in piece) return !isJson(piece.element.raw.toString())
  }
  // Longer than what was looked at: whoever laid an object out over several lines broke them behind one of these.
  return !/[,[{]\s*$/.test(line)
}

function firstLine(text: string): string {
  return text.split(/\r\n|\r|\n/, 1)[0] ?? ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
