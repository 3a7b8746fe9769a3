import { readExactJson } from '../model/exact-json.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import type { TextInput } from './decode.ts'
import { ElementSplitter, type JsonElement, type Piece } from './element-splitter.ts'
import type { Codec } from './encoding.ts'
import { JsonStructure } from './json-structure.ts'
import { emptyFile, invalidEncoding, recordTooLarge } from './problems.ts'
import { rawJson } from './read-ndjson.ts'
import { recordBytesMax } from './record-splitter.ts'

/**
 * Reads a JSON array of any size, or concatenated JSON documents. The splitter locates the elements, and stream-json
 * checks that the text around them is valid JSON. With `inList`, the rows are the elements of the lists in each document,
 * which may then have any size, too.
 */
export function readJson(text: TextInput, inList = false): Omit<RowFile, 'packing' | 'close'> {
  const { file, codec } = text
  async function* batches(): AsyncGenerator<Row[]> {
    const splitter = new ElementSplitter(recordBytesMax / codec.unitBytes, text.bomUnits, inList)
    let structure: JsonStructure | undefined
    let row = 1

    /** The rows of some pieces. Rows before an error are yielded before it is thrown. */
    function* toRows(pieces: readonly Piece[], isLast = false): Generator<Row[]> {
      structure ??= new JsonStructure(splitter.isArray, codec)
      const { validElements, error } = structure.check(pieces, splitter.line, isLast)
      const batch: Row[] = []
      let failure = error
      for (const element of elementsOf(pieces).slice(0, validElements)) {
        const { line, offset } = element
        const record = toRecord(element, codec)
        if ('problem' in record.content && record.content.problem.code === 'json_syntax') {
          failure = {
            message: record.content.problem.message.replace(/^It is not valid JSON: |\.$/g, ''),
            line,
          }
          break
        }
        batch.push({ file, row: row++, line, offset: offset * codec.unitBytes, ...record })
      }
      if (batch.length > 0) yield batch
      if (failure !== undefined) throw malformed(file, row, failure)
    }

    for await (const chunk of text.chunks) {
      const pieces = splitter.push(chunk)
      if (pieces.length > 0) yield* toRows(pieces)
    }
    const last = splitter.end()
    yield* toRows(last === undefined ? [] : [{ element: last }], true)
    if (row === 1) throw emptyFile(file, 'contains no objects')
  }
  return {
    file,
    format: 'json',
    encoding: codec.encoding,
    delimiter: null,
    header: null,
    headerRaw: null,
    batches: batches(),
  }
}

function elementsOf(pieces: readonly Piece[]): JsonElement[] {
  return pieces.flatMap(piece => ('element' in piece ? [piece.element] : []))
}

function malformed(file: string, row: number, { message, line }: { message: string; line: number }) {
  return new TrackSyncError('file_cut', `${file} is not complete JSON: ${message}.`, {
    file,
    row,
    line,
    next: 'Fix the file, or write it as NDJSON (one object per line), where one bad line does not affect the others.',
  })
}

function toRecord(element: JsonElement, codec: Codec): Pick<Row, 'raw' | 'content'> {
  const { raw, offset, isTooLarge } = element
  const text = codec.decode(raw)
  const bytes = rawJson(raw, text, codec)
  if (isTooLarge) return { raw: bytes, content: { problem: recordTooLarge() } }
  return {
    raw: bytes,
    content: codec.isValid(raw) ? readExactJson(text) : { problem: invalidEncoding(raw, offset, codec) },
  }
}
