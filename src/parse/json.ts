import { gen, none } from 'stream-chain'
import { streamArray } from 'stream-json/streamers/stream-array.js'
import { streamValues } from 'stream-json/streamers/stream-values.js'
import { exactJson } from '../model/exact-json.ts'
import type { Json } from '../model/json.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import { empty, tooLarge, unsound } from './broken.ts'
import type { Codec } from './encoding.ts'
import { type Element, ElementFinder, type Piece } from './elements.ts'
import { rawJson } from './ndjson.ts'
import { recordBytesMax } from './split.ts'
import type { Text } from './text.ts'

/**
 * Reads a JSON array of any size, or JSON documents one after the other. stream-json reads the values; beside it the
 * finder notes where each begins, because the parser does not know lines.
 */
export function readJson(text: Text): Omit<RowFile, 'packing' | 'close'> {
  const { file, codec } = text
  async function* batches(): AsyncGenerator<Row[]> {
    const finder = new ElementFinder(recordBytesMax / codec.unit, text.before)
    const found: Element[] = []
    let values: Values | undefined
    let failed: TrackSyncError | undefined
    let row = 1

    async function* rows(piece: string | typeof none): AsyncGenerator<Row> {
      values ??= valuesOf(finder.inArray)
      try {
        for await (const { value } of values(piece)) {
          const element = found.shift()
          if (element === undefined) throw new Error('a value ended before it began')
          const { line, at } = element
          yield { file, row: row++, line, offset: at * codec.unit, ...recordOf(element, value, codec) }
        }
      } catch (error) {
        throw new TrackSyncError('file_cut', `${file} is not whole JSON: ${(error as Error).message}.`, {
          file,
          row,
          line: found[0]?.line ?? finder.line,
          next: 'Mend the file, or write it as NDJSON (one object a line), where one bad line does not cost the rest.',
        })
      }
    }

    /** Reads pieces into a batch. An error waits in `failed`, so that what is good before it is handed over first. */
    async function read(pieces: Iterable<Piece>, isLast = false): Promise<Row[]> {
      const batch: Row[] = []
      try {
        // Cut behind every element: what is good reaches us before the parser meets what is not.
        for (const piece of pieces) {
          if ('element' in piece) found.push(piece.element)
          for await (const next of rows(textOf(piece, codec))) batch.push(next)
        }
        if (isLast) for await (const next of rows(none)) batch.push(next)
      } catch (error) {
        failed = error as TrackSyncError
      }
      return batch
    }

    for await (const chunk of text.chunks) {
      const batch = await read(finder.pieces(chunk))
      if (batch.length > 0) yield batch
      if (failed !== undefined) throw failed
    }
    const last = finder.end()
    const batch = await read(last === undefined ? [] : [{ element: last }], true)
    if (batch.length > 0) yield batch
    if (failed !== undefined) throw failed
    if (row === 1) throw empty(file, 'holds no objects')
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

/** What the parser is given. Of an element that is too large it gets to see that there is one. */
function textOf(piece: Piece, codec: Codec): string {
  if ('between' in piece) return codec.decode(piece.between)
  return piece.element.isTooLarge ? 'null' : codec.decode(piece.element.raw)
}

type Values = (piece: string | typeof none) => AsyncGenerator<{ value: Json }>

function valuesOf(inArray: boolean): Values {
  const whole = {
    packKeys: true,
    packStrings: true,
    packNumbers: true,
    streamKeys: false,
    streamStrings: false,
    streamNumbers: false,
  }
  const reader = inArray ? streamArray.withParser<Json>(whole) : streamValues.withParser<Json>(whole)
  return gen(reader as (piece: unknown) => unknown) as unknown as Values
}

function recordOf(element: Element, value: Json, codec: Codec): Pick<Row, 'raw' | 'content'> {
  const { raw, at, isTooLarge } = element
  const text = codec.decode(raw)
  const bytes = rawJson(raw, text, codec)
  if (isTooLarge) return { raw: bytes, content: { problem: tooLarge() } }
  return {
    raw: bytes,
    content: codec.isSound(raw) ? exactJson(text, value) : { problem: unsound(raw, at, codec) },
  }
}
