import { problem, sample, TrackSyncError } from '../model/problem.ts'
import type { Header, Row, RowFile } from '../model/row.ts'
import { readCells } from './csv-cells.ts'
import type { Text } from './decode.ts'
import type { Codec } from './encoding.ts'
import { isSeparatorLine } from './format.ts'
import { empty, lookAtItsMaker, tooLarge, unsound } from './problems.ts'
import type { Slice } from './record-splitter.ts'
import { readSlices } from './slices.ts'

/** Reads CSV: the splitter says where records begin and end, then the cells of many records are read at once. */
export async function readCsv(text: Text, delimiter: string): Promise<Omit<RowFile, 'packing' | 'close'>> {
  const { file, codec } = text
  const slices = readSlices(text, delimiter)
  const [head, ...others] = await leadingSlices(slices, codec)
  if (head === undefined) throw empty(file, 'contains only blank lines')
  const header = readHeader(text, head, delimiter)

  async function* batches(): AsyncGenerator<Row[]> {
    let row = 1
    function rows(batch: Slice[]): Row[] {
      const cells = readCells(batch, codec, delimiter)
      return batch.map((slice, i) => {
        const { raw, line, at } = slice
        const content = contentOf(cells[i], header, slice, codec)
        return { file, row: row++, line, offset: at * codec.unit, raw: codec.original(raw), content }
      })
    }
    try {
      if (others.length > 0) yield rows(others)
      for await (const batch of slices) yield rows(batch)
    } finally {
      await slices.return(undefined)
    }
    if (row === 1) {
      throw new TrackSyncError('file_without_rows', `${file} has a header but no rows.`, {
        file,
        line: head?.line ?? 1,
        expected: 'at least one row under the header',
        came: 'the end of the file',
        next: lookAtItsMaker,
      })
    }
  }
  return {
    file,
    format: 'csv',
    encoding: codec.encoding,
    delimiter,
    header,
    headerRaw: codec.original(head.raw),
    batches: batches(),
  }
}

/** The records that come first; Excel's `sep=;` is none. */
async function leadingSlices(slices: AsyncGenerator<Slice[]>, codec: Codec): Promise<Slice[]> {
  const { value: batch, done } = await slices.next()
  if (done === true) return []
  const [first, ...others] = batch
  if (first === undefined || !isSeparatorLine(codec.decode(first.raw))) return batch
  return others.length > 0 ? others : await leadingSlices(slices, codec)
}

function contentOf(cells: string[] | undefined, header: Header, slice: Slice, codec: Codec): Row['content'] {
  if (cells?.length === header.length) return { cells }
  if (cells !== undefined) {
    const message = `The record has ${cells.length} cells, the header has ${header.length}.`
    return {
      problem: problem('csv_cells', message, {
        expected: `${header.length} cells`,
        came: `${cells.length} cells`,
      }),
    }
  }
  const { raw, at, line, broken } = slice
  if (broken?.as === 'too_large') return { problem: tooLarge() }
  if (broken === undefined && !codec.isSound(raw)) return { problem: unsound(raw, at, codec) }
  const what = broken?.as === 'open_quote' ? 'is never closed' : 'is out of place'
  return {
    problem: problem('csv_quote', `A quotation mark ${what} (line ${broken?.line ?? line}).`, {
      expected: 'cells with quotation marks in them quoted, and each mark doubled',
      came: sample(codec.decode(raw)),
    }),
  }
}

function readHeader({ file, codec }: Text, head: Slice, delimiter: string): Header {
  const place = { file, line: head.line }
  const fail = (why: string): never => {
    throw new TrackSyncError('header_invalid', `The header of ${file} cannot be read. ${why}`, place)
  }
  const [names] = readCells([head], codec, delimiter)
  const content = contentOf(names, names ?? [], head, codec)
  if ('problem' in content) return fail(content.problem.message)
  return (names ?? []).map(name => name.trim())
}
