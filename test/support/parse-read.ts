import { uint8Array } from 'fast-check'
import { type Problem, TrackSyncError } from '../../src/model/problem.ts'
import type { Encoding, Format, Row, RowFile } from '../../src/model/row.ts'
import { readCsv } from '../../src/parse/read-csv.ts'
import { readJson } from '../../src/parse/read-json.ts'
import { readNdjson } from '../../src/parse/read-ndjson.ts'
import { readHead } from '../../src/parse/read-head.ts'
import { openText } from '../../src/parse/decode.ts'

/** Sizes of the pieces in which a file may reach us; none of them may make a difference. */
export const chunkSizes = [1, 2, 3, 7, 65_536]

/** Any bytes that are read as UTF-8: no mark of UTF-16 before them, and not the zeros by which it is known without. */
export const bytesAsUtf8 = (maxLength: number) =>
  uint8Array({ maxLength }).filter(
    ([a = 0, b = 0, ...rest]) => a + b !== 0xff + 0xfe && rest.filter(byte => byte === 0).length < 6,
  )

/** A row as tests speak of it: where it is, its bytes as text, and what came of them. */
export interface Seen {
  row: number
  line: number
  raw: string
  cells?: string[]
  value?: unknown
  problem?: Problem
}

/** What a file came to: its rows in order, and the error that ended it, if one did. */
export interface Result {
  header: string[] | null
  rows: Seen[]
  error: TrackSyncError | undefined
}

/** Reads a whole file that arrives in pieces of the given size, straight through the reader of its format. */
export async function readAll(
  format: Format,
  input: string | Uint8Array,
  size = 65_536,
  delimiter = ',',
  inList = false,
): Promise<Result> {
  const result: Result = { header: null, rows: [], error: undefined }
  try {
    const file = await openRows(format, chunked(input, size), { delimiter, inList })
    result.header = file.header
    for await (const batch of file.batches)
      result.rows.push(...batch.map(row => seen(row, Buffer.from(input))))
  } catch (error) {
    if (!(error instanceof TrackSyncError)) throw error
    result.error = error
  }
  return result
}

/** The reader of a format, on bytes that are not packed. */
export async function openRows(
  format: Format,
  input: AsyncIterable<Uint8Array>,
  {
    name = `in.${format}`,
    delimiter = ',',
    encoding,
    inList = false,
  }: { name?: string; delimiter?: string; encoding?: Encoding; inList?: boolean } = {},
): Promise<RowFile> {
  const { head, chunks, close } = await readHead(input)
  const text = openText(name, head, chunks, encoding)
  const file =
    format === 'csv'
      ? await readCsv(text, delimiter)
      : format === 'ndjson'
        ? readNdjson(text)
        : readJson(text, inList)
  return { ...file, packing: null, close }
}

/** The bytes in pieces; `sizes` may be one size or several, taken in turn. */
export async function* chunked(
  input: string | Uint8Array,
  ...sizes: number[]
): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(input)
  let turn = 0
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, sizes[turn++ % sizes.length] ?? bytes.length)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** Everything that comes, in one list. */
export async function collect<Item>(batches: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const batch of batches) items.push(...batch)
  return items
}

/** A row without its offset: that leads to the very bytes of the row, or this throws. */
function seen({ row, line, offset, raw, content }: Row, file: Buffer): Seen {
  if (!file.subarray(offset, offset + raw.length).equals(raw))
    throw new Error(`${offset} is not where row ${row} is`)
  return { row, line, raw: Buffer.from(raw).toString(), ...content }
}
