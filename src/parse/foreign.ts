import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'

/** Files that people take for tables and that hold something else, by their first bytes. */
const foreign: { is: string; first: number[]; next: string | ((file: string) => NextStep) }[] = [
  {
    is: 'a ZIP archive or an Excel workbook',
    first: [0x50, 0x4b, 0x03, 0x04],
    next: 'Unpack it, or save the sheet as CSV (UTF-8).',
  },
  { is: 'an old Excel workbook', first: [0xd0, 0xcf, 0x11, 0xe0], next: 'Save the sheet as CSV (UTF-8).' },
  { is: 'a Parquet file', first: [0x50, 0x41, 0x52, 0x31], next: 'Export it as CSV or NDJSON.' },
  { is: 'an Avro file', first: [0x4f, 0x62, 0x6a, 0x01], next: 'Export it as CSV or NDJSON.' },
  { is: 'an ORC file', first: [0x4f, 0x52, 0x43], next: 'Export it as CSV or NDJSON.' },
  {
    is: 'compressed with bzip2',
    first: [0x42, 0x5a, 0x68],
    next: file => nextSteps.unpack(file, 'bzip2', '-dc'),
  },
  {
    is: 'compressed with xz',
    first: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    next: file => nextSteps.unpack(file, 'xz', '-dc'),
  },
  { is: 'a 7-Zip archive', first: [0x37, 0x7a, 0xbc, 0xaf], next: 'Unpack it.' },
  { is: 'a PDF', first: [0x25, 0x50, 0x44, 0x46], next: 'Export the data as CSV or NDJSON.' },
]

/** Refuses a file that is no text, with the way to make one of it. */
export function refuseForeign(file: string, head: Buffer): void {
  const found = foreign.find(({ first }) => first.every((byte, i) => head[i] === byte))
  if (found === undefined) return
  throw new TrackSyncError('format_unknown', `${file} is ${found.is}, which cannot be read.`, {
    file,
    expected: 'CSV, NDJSON or JSON, uncompressed or compressed with gzip, zstd or brotli',
    came: found.is,
    next: typeof found.next === 'string' ? found.next : found.next(file),
  })
}
