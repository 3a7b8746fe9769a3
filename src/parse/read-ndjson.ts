import { readExactJson } from '../model/exact-json.ts'
import type { Row, RowFile } from '../model/row.ts'
import type { Text } from './decode.ts'
import type { Codec } from './encoding.ts'
import { empty, tooLarge, unsound } from './problems.ts'
import type { Slice } from './record-splitter.ts'
import { readSlices, soundIn } from './slices.ts'
import { bytesOf, type Units } from './units.ts'

/** Reads NDJSON: one JSON value a line, blank lines skipped. */
export function readNdjson(text: Text): Omit<RowFile, 'packing' | 'close'> {
  const { file, codec } = text
  async function* batches(): AsyncGenerator<Row[]> {
    let row = 1
    for await (const slices of readSlices(text)) {
      const isSound = soundIn(slices, codec)
      const rows: Row[] = []
      for (const slice of slices) {
        const { line, at } = slice
        const record = readLine(slice, isSound(slice), codec)
        if (record !== undefined) rows.push({ file, row: row++, line, offset: at * codec.unit, ...record })
      }
      yield rows
    }
    if (row === 1) throw empty(file, 'contains only blank lines')
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

/** What a line holds; undefined where it is blank. */
function readLine(
  { raw, at, broken }: Slice,
  isSound: boolean,
  codec: Codec,
): Pick<Row, 'raw' | 'content'> | undefined {
  const text = codec.decode(raw)
  if (text.trim() === '') return undefined
  const bytes = rawJson(raw, text, codec)
  if (broken !== undefined) return { raw: bytes, content: { problem: tooLarge() } }
  return { raw: bytes, content: isSound ? readExactJson(text) : { problem: unsound(raw, at, codec) } }
}

/** The original bytes of a JSON record; one that is not UTF-8 as the same text in UTF-8, the encoding of JSON. */
export function rawJson(raw: Units, text: string, { encoding }: Codec): Uint8Array {
  return encoding === 'utf-8' ? bytesOf(raw) : Buffer.from(text)
}
