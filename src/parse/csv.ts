import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { type Problem, problem, sample, TrackSyncError } from '../model/problem.ts'
import type { Place } from '../model/place.ts'
import type { Header, Row, RowFile } from '../model/row.ts'
import { readSlices } from './slices.ts'
import type { Slice } from './split.ts'

/**
 * Reads CSV. The splitter says where records begin and end; csv-parse reads the cells of many records at once. Where
 * that fails they are read one by one, so that only the broken ones are lost.
 */
export async function readCsv(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  delimiter: string,
): Promise<RowFile> {
  const slices = readSlices(chunks, delimiter)
  const first = await slices.next()
  const [head, ...others] = first.done === true ? [] : first.value
  if (head === undefined)
    throw new TrackSyncError('file_empty', `${file} holds nothing but blank lines.`, { file })
  const header = readHeader(file, head, delimiter)

  async function* batches(): AsyncGenerator<Row[]> {
    let row = 1
    function* rows(batch: Slice[]): Generator<Row> {
      for (const content of cellsOf(batch, delimiter)) {
        const place = { file, row: row++, line: content.slice.line }
        yield { ...place, raw: content.slice.raw, content: checked(content, header, place) }
      }
    }
    try {
      if (others.length > 0) yield [...rows(others)]
      for await (const batch of slices) yield [...rows(batch)]
    } finally {
      await slices.return(undefined)
    }
    if (row === 1) {
      throw new TrackSyncError('file_without_rows', `${file} has a header and no rows.`, {
        file,
        line: head?.line ?? 1,
        expected: 'at least one row under the header',
        came: 'the end of the file',
      })
    }
  }
  return { file, format: 'csv', header, headerRaw: head.raw, batches: batches() }
}

interface Content {
  slice: Slice
  cells?: string[]
  error?: string
}

function* cellsOf(slices: Slice[], delimiter: string): Generator<Content> {
  let run: Slice[] = []
  for (const slice of slices) {
    if (slice.broken === undefined) {
      run.push(slice)
      continue
    }
    yield* parseRun(run, delimiter)
    run = []
    yield { slice }
  }
  yield* parseRun(run, delimiter)
}

/** Parses records that lie one behind the other in the same memory, in one call where all of them are sound. */
function* parseRun(slices: Slice[], delimiter: string): Generator<Content> {
  const first = slices[0]
  const last = slices.at(-1)
  if (first === undefined || last === undefined) return
  const start = first.raw.byteOffset
  const together = Buffer.from(first.raw.buffer, start, last.raw.byteOffset + last.raw.length - start)
  const records = isUtf8(together) ? parseCells(together, delimiter) : undefined
  if (Array.isArray(records) && records.length === slices.length) {
    for (const [i, slice] of slices.entries()) yield { slice, cells: records[i] ?? [] }
    return
  }
  for (const slice of slices) {
    const alone = parseCells(Buffer.from(slice.raw), delimiter)
    const cells = Array.isArray(alone) && alone.length === 1 ? alone[0] : undefined
    yield cells === undefined ? { slice, error: String(alone) } : { slice, cells }
  }
}

function parseCells(bytes: Buffer, delimiter: string): string[][] | string {
  try {
    return parse(bytes, {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    })
  } catch (error) {
    return (error as Error).message
  }
}

function checked(content: Content, header: Header, place: Place): Row['content'] {
  const { slice, cells } = content
  const bad = (code: Problem['code'], message: string, expected: string, came: string): Row['content'] => ({
    problem: problem(code, message, { ...place, expected, came }),
  })
  if (slice.broken?.as === 'too_large') {
    return bad('record_too_large', 'The record is larger than 16 MB.', 'at most 16 MB', 'more')
  }
  if (slice.broken !== undefined || cells === undefined) {
    const line = slice.broken?.at ?? slice.line
    const what =
      slice.broken?.as === 'open_quote'
        ? 'A quotation mark is never closed'
        : 'A quotation mark is out of place'
    const expected = 'cells with quotation marks in them quoted, and each mark doubled'
    return bad('csv_quote', `${what} (line ${line}).`, expected, sample(slice.raw.toString()))
  }
  if (!isUtf8(slice.raw)) return bad('encoding', 'The record is not UTF-8.', 'UTF-8', 'other bytes')
  if (cells.length !== header.length) {
    const message = `The record has ${cells.length} cells, the header has ${header.length}.`
    return bad('csv_cells', message, `${header.length} cells`, `${cells.length} cells`)
  }
  return { cells }
}

function readHeader(file: string, head: Slice, delimiter: string): Header {
  const place = { file, line: head.line }
  const names = parseCells(Buffer.from(head.raw), delimiter)
  const tooLarge = head.broken?.as === 'too_large'
  if (tooLarge || !isUtf8(head.raw)) {
    const why = tooLarge ? 'it is larger than 16 MB' : 'it is not UTF-8'
    throw new TrackSyncError('header_invalid', `The header of ${file} cannot be read: ${why}.`, place)
  }
  if (!Array.isArray(names) || names[0] === undefined || head.broken !== undefined) {
    const why = String(names).replace(/\.$/, '')
    throw new TrackSyncError('header_invalid', `The header of ${file} cannot be read: ${why}.`, place)
  }
  const header = names[0].map(name => name.trim())
  for (const [i, name] of header.entries()) {
    if (name === '') {
      throw new TrackSyncError('header_empty', `Column ${i + 1} of ${file} has no name.`, {
        ...place,
        expected: 'a name for every column',
        came: sample(head.raw.toString()),
      })
    }
  }
  return header
}
