import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'

/** Files that people mistake for tables, by their first bytes. */
const unsupported: { name: string; signature: number[]; next: string | ((file: string) => NextStep) }[] = [
  {
    name: 'a ZIP archive or an Excel workbook',
    signature: [0x50, 0x4b, 0x03, 0x04],
    next: 'Unpack it, or save the sheet as CSV (UTF-8).',
  },
  {
    name: 'an old Excel workbook',
    signature: [0xd0, 0xcf, 0x11, 0xe0],
    next: 'Save the sheet as CSV (UTF-8).',
  },
  { name: 'a Parquet file', signature: [0x50, 0x41, 0x52, 0x31], next: 'Export it as CSV or NDJSON.' },
  { name: 'an Avro file', signature: [0x4f, 0x62, 0x6a, 0x01], next: 'Export it as CSV or NDJSON.' },
  { name: 'an ORC file', signature: [0x4f, 0x52, 0x43], next: 'Export it as CSV or NDJSON.' },
  {
    name: 'compressed with bzip2',
    signature: [0x42, 0x5a, 0x68],
    next: file => nextSteps.unpack(file, 'bzip2', '-dc'),
  },
  {
    name: 'compressed with xz',
    signature: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    next: file => nextSteps.unpack(file, 'xz', '-dc'),
  },
  { name: 'a 7-Zip archive', signature: [0x37, 0x7a, 0xbc, 0xaf], next: 'Unpack it.' },
  { name: 'a PDF', signature: [0x25, 0x50, 0x44, 0x46], next: 'Export the data as CSV or NDJSON.' },
]

/** Throws for a file that is not text, and says how to convert it. */
export function rejectUnsupported(file: string, head: Buffer): void {
  const found = unsupported.find(({ signature }) => signature.every((byte, i) => head[i] === byte))
  if (found === undefined) return
  throw new TrackSyncError('format_unknown', `${file} is ${found.name}, which cannot be read.`, {
    file,
    expected: 'CSV, NDJSON or JSON, uncompressed or compressed with gzip, zstd or brotli',
    came: found.name,
    next: typeof found.next === 'string' ? found.next : found.next(file),
  })
}
