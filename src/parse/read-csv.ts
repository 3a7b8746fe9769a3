import { problem, sample, TrackSyncError } from '../model/problem.ts'
import type { Header, Row, RowFile } from '../model/row.ts'
import { readCells } from './csv-cells.ts'
import type { TextInput } from './decode.ts'
import type { Codec } from './encoding.ts'
import { isSeparatorLine } from './format.ts'
import { checkWhatWroteIt, emptyFile, invalidEncoding, recordTooLarge } from './problems.ts'
import { type RawRecord, splitRecords } from './record-splitter.ts'

/** Reads CSV. The splitter finds the records; their cells are then read a batch at a time. */
export async function readCsv(
  text: TextInput,
  delimiter: string,
): Promise<Omit<RowFile, 'packing' | 'close'>> {
  const { file, codec } = text
  const records = splitRecords(text, delimiter)
  const [headerRecord, ...firstRecords] = await leadingRecords(records, codec)
  if (headerRecord === undefined) throw emptyFile(file, 'contains only blank lines')
  const header = readHeader(text, headerRecord, delimiter)

  async function* batches(): AsyncGenerator<Row[]> {
    let row = 1
    function rows(batch: RawRecord[]): Row[] {
      const cells = readCells(batch, codec, delimiter)
      return batch.map((record, i) => {
        const { raw, line, offset } = record
        const content = toContent(cells[i], header, record, codec)
        return {
          file,
          row: row++,
          line,
          offset: offset * codec.unitBytes,
          raw: codec.toFileBytes(raw),
          content,
        }
      })
    }
    try {
      if (firstRecords.length > 0) yield rows(firstRecords)
      for await (const batch of records) yield rows(batch)
    } finally {
      await records.return(undefined)
    }
    if (row === 1) {
      throw new TrackSyncError('file_without_rows', `${file} has a header but no rows.`, {
        file,
        line: headerRecord?.line ?? 1,
        expected: 'at least one row under the header',
        came: 'the end of the file',
        next: checkWhatWroteIt,
      })
    }
  }
  return {
    file,
    format: 'csv',
    encoding: codec.encoding,
    delimiter,
    header,
    headerRaw: codec.toFileBytes(headerRecord.raw),
    batches: batches(),
  }
}

/** The first batch of records, without Excel's `sep=;` line. */
async function leadingRecords(records: AsyncGenerator<RawRecord[]>, codec: Codec): Promise<RawRecord[]> {
  const { value: batch, done } = await records.next()
  if (done === true) return []
  const [first, ...others] = batch
  if (first === undefined || !isSeparatorLine(codec.decode(first.raw))) return batch
  return others.length > 0 ? others : await leadingRecords(records, codec)
}

function toContent(
  cells: string[] | undefined,
  header: Header,
  record: RawRecord,
  codec: Codec,
): Row['content'] {
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
  const { raw, offset, line, broken } = record
  if (broken?.reason === 'too_large') return { problem: recordTooLarge() }
  if (broken === undefined && !codec.isValid(raw)) return { problem: invalidEncoding(raw, offset, codec) }
  const what = broken?.reason === 'open_quote' ? 'is never closed' : 'is out of place'
  return {
    problem: problem('csv_quote', `A quotation mark ${what} (line ${broken?.line ?? line}).`, {
      expected: 'cells with quotation marks in them quoted, and each mark doubled',
      came: sample(codec.decode(raw)),
    }),
  }
}

function readHeader({ file, codec }: TextInput, headerRecord: RawRecord, delimiter: string): Header {
  const location = { file, line: headerRecord.line }
  const fail = (reason: string): never => {
    throw new TrackSyncError('header_invalid', `The header of ${file} cannot be read. ${reason}`, location)
  }
  const [names] = readCells([headerRecord], codec, delimiter)
  const content = toContent(names, names ?? [], headerRecord, codec)
  if ('problem' in content) return fail(content.problem.message)
  return (names ?? []).map(name => name.trim())
}
