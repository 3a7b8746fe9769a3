import { readExactJson } from '../model/exact-json.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import type { Text } from './decode.ts'
import { type Element, ElementFinder, type Piece } from './elements.ts'
import type { Codec } from './encoding.ts'
import { empty, tooLarge, unsound } from './problems.ts'
import { rawJson } from './read-ndjson.ts'
import { recordBytesMax } from './record-splitter.ts'
import { Structure } from './structure.ts'

/**
 * Reads a JSON array of any size, or JSON documents one after the other. The finder says where each begins and ends, and
 * stream-json whether what stands around them is JSON.
 */
export function readJson(text: Text): Omit<RowFile, 'packing' | 'close'> {
  const { file, codec } = text
  async function* batches(): AsyncGenerator<Row[]> {
    const finder = new ElementFinder(recordBytesMax / codec.unit, text.before)
    let structure: Structure | undefined
    let row = 1

    /** The rows of some pieces. What is good before an error is handed over first. */
    function* read(pieces: readonly Piece[], isLast = false): Generator<Row[]> {
      structure ??= new Structure(finder.inArray, codec)
      const { sound, error } = structure.check(pieces, finder.line, isLast)
      const batch: Row[] = []
      let broken = error
      for (const element of elementsOf(pieces).slice(0, sound)) {
        const { line, at } = element
        const record = recordOf(element, codec)
        if ('problem' in record.content && record.content.problem.code === 'json_syntax') {
          broken = {
            message: record.content.problem.message.replace(/^It is not valid JSON: |\.$/g, ''),
            line,
          }
          break
        }
        batch.push({ file, row: row++, line, offset: at * codec.unit, ...record })
      }
      if (batch.length > 0) yield batch
      if (broken !== undefined) throw notWhole(file, row, broken)
    }

    for await (const chunk of text.chunks) {
      const pieces = finder.pieces(chunk)
      if (pieces.length > 0) yield* read(pieces)
    }
    const last = finder.end()
    yield* read(last === undefined ? [] : [{ element: last }], true)
    if (row === 1) throw empty(file, 'contains no objects')
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

function elementsOf(pieces: readonly Piece[]): Element[] {
  return pieces.flatMap(piece => ('element' in piece ? [piece.element] : []))
}

function notWhole(file: string, row: number, { message, line }: { message: string; line: number }) {
  return new TrackSyncError('file_cut', `${file} is not complete JSON: ${message}.`, {
    file,
    row,
    line,
    next: 'Fix the file, or write it as NDJSON (one object per line), where one bad line does not affect the others.',
  })
}

function recordOf(element: Element, codec: Codec): Pick<Row, 'raw' | 'content'> {
  const { raw, at, isTooLarge } = element
  const text = codec.decode(raw)
  const bytes = rawJson(raw, text, codec)
  if (isTooLarge) return { raw: bytes, content: { problem: tooLarge() } }
  return {
    raw: bytes,
    content: codec.isSound(raw) ? readExactJson(text) : { problem: unsound(raw, at, codec) },
  }
}
