import { isUtf8 } from 'node:buffer'
import { gen, none } from 'stream-chain'
import { streamArray } from 'stream-json/streamers/stream-array.js'
import { streamValues } from 'stream-json/streamers/stream-values.js'
import type { Json } from '../model/json.ts'
import { problem, TrackSyncError } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import { type Element, ElementFinder } from './elements.ts'
import { exactValue } from './ndjson.ts'
import { skipBom } from './slices.ts'

/**
 * Reads a JSON array of any size, or JSON documents one after the other. stream-json reads the values; beside it the
 * finder notes where each begins, because the parser does not know lines.
 */
export function readJson(file: string, chunks: AsyncIterable<Uint8Array>): RowFile {
  async function* batches(): AsyncGenerator<Row[]> {
    const finder = new ElementFinder()
    const found: Element[] = []
    const decoder = new TextDecoder()
    let values: Values | undefined
    let row = 1

    async function* rows(piece: Uint8Array | null): AsyncGenerator<Row> {
      values ??= valuesOf(finder.inArray)
      try {
        for await (const { value } of values(
          piece === null ? none : decoder.decode(piece, { stream: true }),
        )) {
          const element = found.shift()
          if (element === undefined) throw new Error('a value ended before it began')
          yield { file, row: row++, line: element.line, raw: element.raw, content: contentOf(element, value) }
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
    async function read(pieces: Iterable<{ bytes: Uint8Array | null; element?: Element }>): Promise<Row[]> {
      const batch: Row[] = []
      try {
        // Cut behind every element: what is good reaches us before the parser meets what is not.
        for (const { bytes, element } of pieces) {
          if (element !== undefined) found.push(element)
          for await (const next of rows(bytes)) batch.push(next)
        }
      } catch (error) {
        failed = error as TrackSyncError
      }
      return batch
    }

    let failed: TrackSyncError | undefined
    for await (const chunk of skipBom(chunks)) {
      const batch = await read(finder.pieces(chunk))
      if (batch.length > 0) yield batch
      if (failed !== undefined) throw failed
    }
    const last = finder.end()
    const batch = await read([last === undefined ? { bytes: null } : { bytes: null, element: last }])
    if (batch.length > 0) yield batch
    if (failed !== undefined) throw failed
    if (row === 1) throw new TrackSyncError('file_empty', `${file} holds no objects.`, { file })
  }
  return { file, format: 'json', header: null, headerRaw: null, batches: batches() }
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

function contentOf(element: Element, value: Json): Row['content'] {
  if (isUtf8(element.raw)) return exactValue(element.raw.toString(), value)
  return { problem: problem('encoding', 'The object holds bytes that are not UTF-8.', { expected: 'UTF-8' }) }
}
