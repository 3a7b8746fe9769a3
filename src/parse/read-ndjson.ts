import { readExactJson } from '../model/exact-json.ts'
import type { Row, RowFile } from '../model/row.ts'
import type { TextInput } from './decode.ts'
import type { Codec } from './encoding.ts'
import { emptyFile, invalidEncoding, recordTooLarge } from './problems.ts'
import { type RawRecord, splitRecords, validityOf } from './record-splitter.ts'
import { asBytes, type Units } from './units.ts'

/** Reads NDJSON: one JSON value per line; blank lines are skipped. */
export function readNdjson(text: TextInput): Omit<RowFile, 'packing' | 'close'> {
  const { file, codec } = text
  async function* batches(): AsyncGenerator<Row[]> {
    let row = 1
    for await (const records of splitRecords(text)) {
      const isValid = validityOf(records, codec)
      const rows: Row[] = []
      for (const record of records) {
        const { line, offset } = record
        const content = readLine(record, isValid(record), codec)
        if (content !== undefined)
          rows.push({ file, row: row++, line, offset: offset * codec.unitBytes, ...content })
      }
      yield rows
    }
    if (row === 1) throw emptyFile(file, 'contains only blank lines')
  }
  return {
    file,
    format: 'ndjson',
    encoding: codec.encoding,
    delimiter: null,
    header: null,
    headerRaw: null,
    batches: batches(),
  }
}

/** The content of a line; undefined if it is blank. */
function readLine(
  { raw, offset, broken }: RawRecord,
  isValid: boolean,
  codec: Codec,
): Pick<Row, 'raw' | 'content'> | undefined {
  const text = codec.decode(raw)
  if (text.trim() === '') return undefined
  const bytes = rawJson(raw, text, codec)
  if (broken !== undefined) return { raw: bytes, content: { problem: recordTooLarge() } }
  return {
    raw: bytes,
    content: isValid ? readExactJson(text) : { problem: invalidEncoding(raw, offset, codec) },
  }
}

/**
 * The original bytes of a JSON record, or its text in UTF-8 (the encoding of JSON) if the file has another encoding.
 */
export function rawJson(raw: Units, text: string, { encoding }: Codec): Uint8Array {
  return encoding === 'utf-8' ? asBytes(raw) : Buffer.from(text)
}
