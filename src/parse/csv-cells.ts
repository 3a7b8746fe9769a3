import { parse } from 'csv-parse/sync'
import type { Codec } from './encoding.ts'
import { type RawRecord, validityOf } from './record-splitter.ts'

/**
 * The cells of each record, in order; undefined for a broken or invalidly encoded record. Records without quotes are
 * split at the delimiter. csv-parse reads the others of a batch in one call, and one by one if that fails, so that only
 * a broken record is lost.
 */
export function readCells(
  records: readonly RawRecord[],
  codec: Codec,
  delimiter: string,
): (string[] | undefined)[] {
  const isValid = validityOf(records, codec)
  const quoted: { index: number; text: string }[] = []
  const cells = records.map((record, index) => {
    if (record.broken !== undefined || !isValid(record)) return undefined
    const text = codec.decode(record.raw)
    if (!record.hasQuotes) return text.split(delimiter)
    quoted.push({ index, text })
    return undefined
  })
  const parsed = parseCells(quoted.map(({ text }) => text).join('\n'), delimiter)
  const isComplete = parsed?.length === quoted.length
  for (const [i, { index, text }] of quoted.entries()) {
    cells[index] = isComplete ? parsed[i] : singleRecord(parseCells(text, delimiter))
  }
  return cells
}

/** Parses records separated by LF; undefined if they are malformed. */
function parseCells(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true, relax_quotes: true })
  } catch {
    return undefined
  }
}

function singleRecord(records: string[][] | undefined): string[] | undefined {
  return records?.length === 1 ? records[0] : undefined
}
