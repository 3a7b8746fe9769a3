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
  const { head, all } = await peek(chunks)
  if (head === undefined) throw new TrackSyncError('file_empty', `${file} is empty.`, { file })
  const format = options.format ?? detectFormat(file, head)
  if (format === 'csv') return await readCsv(file, all, options.delimiter ?? detectDelimiter(head))
  return format === 'ndjson' ? readNdjson(file, all) : readJson(file, all)
}

/** The first chunk, and all chunks again with that one in front. */
async function peek(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]()
  const first = await iterator.next()
  const head = first.done === true ? undefined : first.value
  async function* all() {
    try {
      if (head !== undefined) yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head, all: all() }
}
