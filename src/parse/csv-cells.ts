import { parse } from 'csv-parse/sync'
import type { Codec } from './encoding.ts'
import type { Slice } from './record-splitter.ts'
import { soundIn } from './slices.ts'

/**
 * The cells of each record, in their order; undefined where a record is broken or its bytes are not sound. What holds
 * no quotation mark is cut at the delimiter. csv-parse reads the others, all of a batch in one call; where that fails
 * each by itself, so that only a broken one is lost.
 */
export function readCells(
  slices: readonly Slice[],
  codec: Codec,
  delimiter: string,
): (string[] | undefined)[] {
  const isSound = soundIn(slices, codec)
  const quoted: { at: number; text: string }[] = []
  const cells = slices.map((slice, at) => {
    if (slice.broken !== undefined || !isSound(slice)) return undefined
    const text = codec.decode(slice.raw)
    if (!slice.quoted) return text.split(delimiter)
    quoted.push({ at, text })
    return undefined
  })
  const together = parseCells(quoted.map(({ text }) => text).join('\n'), delimiter)
  const isWhole = together?.length === quoted.length
  for (const [i, { at, text }] of quoted.entries()) {
    cells[at] = isWhole ? together[i] : oneRecord(parseCells(text, delimiter))
  }
  return cells
}

/** Records parted by LF; undefined where they cannot be read. */
function parseCells(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true, relax_quotes: true })
  } catch {
    return undefined
  }
}

function oneRecord(records: string[][] | undefined): string[] | undefined {
  return records?.length === 1 ? records[0] : undefined
}
