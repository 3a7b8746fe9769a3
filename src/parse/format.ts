import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Format } from '../model/row.ts'
import { ElementSplitter } from './element-splitter.ts'

const byExtension: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
}
/** Delimiters to look for, the most common first. */
export const delimiters = [',', ';', '\t', '|'] as const

/** The beginning of a file as text. */
export interface Preview {
  text: string
  /** Whether this is the whole file. */
  isComplete: boolean
}

/**
 * Detects the format from the extension, or else from the content. The content always decides between JSON and NDJSON,
 * because each goes by the other's extension, too.
 */
export function detectFormat(file: string, preview: Preview): Format {
  const extension = /\.([a-z]+)(?:\.(?:gz|gzip|zst|zstd|br))?$/i.exec(file)?.[1]?.toLowerCase() ?? ''
  const byName = byExtension[extension]
  const start = preview.text.trimStart()
  const looksLikeJson = start.startsWith('[') || start.startsWith('{')
  if (byName === 'csv' || (byName !== undefined && !looksLikeJson)) return byName
  if (looksLikeJson) return isNdjson(preview) ? 'ndjson' : 'json'
  if (delimiters.some(delimiter => firstLine(start).includes(delimiter))) return 'csv'
  throw new TrackSyncError('format_unknown', `The format of ${file} cannot be determined.`, {
    file,
    expected: 'a name ending in .csv, .ndjson, .jsonl or .json',
    next: 'Set it with --format csv, --format ndjson or --format json.',
  })
}

/** Excel reads the delimiter from a first line such as `sep=;`. It is not a record. */
const separatorLine = /^"?sep=([^\w\s"]|\t)"?\r?\n?$/i

export function isSeparatorLine(line: string): boolean {
  return separatorLine.test(line)
}

/** The delimiter to use: the requested one, unless it leaves one column where the detected one finds several. */
export function chooseDelimiter(file: string, preview: Preview, requested?: string): string {
  const detected = detectDelimiter(preview)
  const header = firstRecords(preview)[0] ?? ''
  if (
    requested === undefined ||
    requested === detected ||
    header.includes(requested) ||
    !header.includes(detected)
  )
    return requested ?? detected
  const message = `With the delimiter \`${requested}\` ${file} has only one column, \`${truncated(header)}\`.`
  throw new TrackSyncError('header_invalid', message, {
    file,
    line: 1,
    field: 'delimiter',
    expected: `\`${detected === '\t' ? 'tab' : detected}\` as the delimiter, by the look of it`,
    came: requested,
    next: nextSteps.delimit(detected),
  })
}

function truncated(line: string): string {
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

/** The delimiter that splits the first records into the same number of cells, and into the most cells. */
export function detectDelimiter(preview: Preview): string {
  const [, declared] = separatorLine.exec(firstLine(preview.text)) ?? []
  if (declared !== undefined) return declared
  const records = firstRecords(preview)
  const scores = delimiters.map(delimiter => {
    const [header = 1, ...others] = records.map(line => line.split(delimiter).length)
    const equal = others.filter(cells => cells === header).length
    return header === 1 ? 0 : (1 + equal) * 1000 + header
  })
  return delimiters[scores.indexOf(Math.max(...scores))] ?? ','
}

/** The first lines without quoted text and without Excel's `sep=` line. */
function firstRecords({ text, isComplete }: Preview): string[] {
  const unquoted = text.replaceAll(/"(?:[^"]|"")*"/g, '')
  const lines = unquoted.split(/\r\n|\r|\n/)
  // The last line may continue beyond the preview.
  const complete = isComplete || lines.length === 1 ? lines : lines.slice(0, -1)
  return complete.filter((line, i) => line.trim() !== '' && !(i === 0 && isSeparatorLine(line))).slice(0, 100)
}

/**
 * Whether each line is a JSON value of its own. That is so if the first line is valid JSON. If it is not, it counts as
 * one bad line among others, unless an object that starts there turns out to be valid further down.
 */
function isNdjson({ text, isComplete }: Preview): boolean {
  const start = text.trimStart()
  const line = firstLine(start)
  const isOnlyLine = isComplete && start.slice(line.length).trim() === ''
  if (isValidJson(line)) return !(start.startsWith('[') && isOnlyLine)
  if (start.startsWith('[')) return false
  for (const piece of new ElementSplitter(Infinity).push(Buffer.from(start))) {
    if ('element' in piece) return !isValidJson(piece.element.raw.toString())
  }
  // The object exceeds the preview. Pretty-printed JSON breaks lines after one of these characters.
  return !/[,[{]\s*$/.test(line)
}

function firstLine(text: string): string {
  return text.split(/\r\n|\r|\n/, 1)[0] ?? ''
}

function isValidJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
