import { isUtf8 } from 'node:buffer'
import type { Json } from '../model/json.ts'
import { inexactNumber } from '../model/number.ts'
import { type Problem, problem, sample, TrackSyncError } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import { readSlices } from './slices.ts'
import type { Slice } from './split.ts'

/** Reads NDJSON: one JSON value a line, blank lines skipped. Lines end at LF and nowhere else. */
export function readNdjson(file: string, chunks: AsyncIterable<Uint8Array>): RowFile {
  async function* batches(): AsyncGenerator<Row[]> {
    let row = 1
    for await (const slices of readSlices(chunks)) {
      const full = slices.filter(slice => !isBlank(slice.raw))
      yield full.map(slice => ({
        file,
        row: row++,
        line: slice.line,
        raw: slice.raw,
        content: valueOf(slice),
      }))
    }
    if (row === 1) throw new TrackSyncError('file_empty', `${file} holds nothing but blank lines.`, { file })
  }
  return { file, format: 'ndjson', header: null, headerRaw: null, batches: batches() }
}

function valueOf(slice: Slice): Row['content'] {
  if (slice.broken !== undefined) {
    return {
      problem: problem('record_too_large', 'The line is larger than 16 MB.', { expected: 'at most 16 MB' }),
    }
  }
  if (!isUtf8(slice.raw))
    return { problem: problem('encoding', 'The line is not UTF-8.', { expected: 'UTF-8' }) }
  const text = slice.raw.toString()
  try {
    return exactValue(text, JSON.parse(text) as Json)
  } catch (error) {
    const message = `The line is not JSON: ${(error as Error).message}.`
    return { problem: problem('json_syntax', message, { expected: 'one JSON object', came: sample(text) }) }
  }
}

/** The value, unless a number of its text would be rounded on the way. */
export function exactValue(text: string, value: Json): { value: Json } | { problem: Problem } {
  const number = inexactNumber(text)
  if (number === undefined) return { value }
  const message = `The number ${number} has more digits than a number can carry.`
  return {
    problem: problem('number_not_exact', message, {
      expected: 'the number in quotation marks',
      came: number,
    }),
  }
}

function isBlank(raw: Uint8Array): boolean {
  return raw.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}
