import { TrackSyncError } from '../model/problem.ts'
import type { Format, RowFile } from '../model/row.ts'
import { readCsv } from './csv.ts'
import { detectDelimiter, detectFormat } from './format.ts'
import { readJson } from './json.ts'
import { readNdjson } from './ndjson.ts'

export interface ParseOptions {
  /** Default: by extension, then by content. */
  format?: Format
  /** The character between cells. Default: found in the header line. */
  delimiter?: string
}

/** Bytes to rows. `file` is the name that places and messages carry. */
export async function parse(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  options: ParseOptions = {},
): Promise<RowFile> {
  const { head, all, close } = await peek(chunks)
  try {
    if (head === undefined) throw new TrackSyncError('file_empty', `${file} is empty.`, { file })
    const format = options.format ?? detectFormat(file, head)
    if (format === 'csv') return await readCsv(file, all, options.delimiter ?? detectDelimiter(head))
    return format === 'ndjson' ? readNdjson(file, all) : readJson(file, all)
  } catch (error) {
    await close()
    throw error
  }
}

/** Enough to see a header line whole, also where a pipe delivers a few bytes at a time. */
const headBytes = 64 * 1024

/** The beginning of a file, and all of it with that in front. */
async function peek(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let bytes = 0
  while (bytes < headBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    first.push(next.value)
    bytes += next.value.length
  }
  const head = first.length === 1 ? first[0] : Buffer.concat(first)
  const close = async () => void (await iterator.return?.())
  async function* all() {
    try {
      if (head !== undefined) yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value
    } finally {
      await close()
    }
  }
  return { head: bytes === 0 ? undefined : head, all: all(), close }
}
