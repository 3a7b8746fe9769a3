import type { Encoding, Format, RowFile } from '../model/row.ts'
import { readText } from './decode.ts'
import { refuseForeign } from './foreign.ts'
import { delimiterOf, detectFormat } from './format.ts'
import { peek } from './peek.ts'
import { empty } from './problems.ts'
import { readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import { readNdjson } from './read-ndjson.ts'
import { unpack } from './unpack.ts'

export interface ParseOptions {
  /** Default: by extension, then by content. */
  format?: Format
  /** The character between cells. Default: found by looking at the first records. */
  delimiter?: string
  /** Default: by a byte order mark, or by the zeros of UTF-16; else UTF-8. */
  encoding?: Encoding
}

/** Bytes to rows; where it throws, it has let go of them. `file` is the name that places and messages carry. */
export async function parse(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  options: ParseOptions = {},
): Promise<RowFile> {
  const { packing, content } = await unpack(file, chunks)
  const { head, isAll, all, close } = await peek(content)
  try {
    if (head.length === 0) throw empty(file, 'is empty')
    refuseForeign(file, head)
    const text = readText(file, head, all, options.encoding)
    const begins = { text: text.begins, isAll }
    const format = options.format ?? detectFormat(file, begins)
    const rows =
      format === 'csv'
        ? await readCsv(text, delimiterOf(file, begins, options.delimiter))
        : format === 'ndjson'
          ? readNdjson(text)
          : readJson(text)
    return { ...rows, packing, close }
  } catch (error) {
    await close()
    throw error
  }
}
