import type { Json } from './json.ts'
import type { Place } from './place.ts'
import type { Problem } from './problem.ts'

/**
 * One record of an input file. A record that could not be read is a row too: it carries the problem instead of
 * its content, and travels on like every other.
 */
export interface Row extends Place {
  /** The record's own bytes, without the line end that closes it. */
  raw: Uint8Array
  content: { cells: string[] } | { value: Json } | { problem: Problem }
}

/** The columns of a CSV file, in its own order. */
export type Header = string[]

/**
 * A file being read. `header` is there for CSV only. Rows come in batches, in the order of the file, because handing
 * over a million rows one by one costs more than parsing them.
 */
export interface RowFile {
  file: string
  format: Format
  header: Header | null
  /** The header's own bytes, so that a reject file can carry it unchanged. */
  headerRaw: Uint8Array | null
  batches: AsyncIterable<Row[]>
}

/** The formats that can be read. */
export const formats = ['csv', 'ndjson', 'json'] as const
export type Format = (typeof formats)[number]
