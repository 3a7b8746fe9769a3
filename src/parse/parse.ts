import type { Encoding, Format, RowFile } from '../model/row.ts'
import { openText } from './decode.ts'
import { chooseDelimiter, detectFormat } from './format.ts'
import { emptyFile } from './problems.ts'
import { readCsv } from './read-csv.ts'
import { readHead } from './read-head.ts'
import { readJson } from './read-json.ts'
import { readNdjson } from './read-ndjson.ts'
import { unpack } from './unpack.ts'
import { rejectUnsupported } from './unsupported.ts'

export interface ParseOptions {
  /** Default: detected from the extension, then from the content. */
  format?: Format
  /** The character between cells. Default: detected from the first records. */
  delimiter?: string
  /** Default: detected from a byte order mark or the zero bytes of UTF-16; else UTF-8. */
  encoding?: Encoding
}

/**
 * Parses bytes into rows, and closes the input if that throws. `file` is the name that rows and messages carry. With
 * `inList`, the rows are the elements of the lists in a JSON document, such as the users of a response.
 */
export async function parse(
  file: string,
  input: AsyncIterable<Uint8Array>,
  options: ParseOptions = {},
  inList = false,
): Promise<RowFile> {
  const { packing, content } = await unpack(file, input)
  const { head, isComplete, chunks, close } = await readHead(content)
  try {
    if (head.length === 0) throw emptyFile(file, 'is empty')
    rejectUnsupported(file, head)
    const text = openText(file, head, chunks, options.encoding)
    const preview = { text: text.preview, isComplete }
    const format = inList ? 'json' : (options.format ?? detectFormat(file, preview))
    const rows =
      format === 'csv'
        ? await readCsv(text, chooseDelimiter(file, preview, options.delimiter))
        : format === 'ndjson'
          ? readNdjson(text)
          : readJson(text, inList)
    return { ...rows, packing, close }
  } catch (error) {
    await close()
    throw error
  }
}
