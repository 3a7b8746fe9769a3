import type { Json } from './json.ts'
import type { Place, Problem } from './problem.ts'

/**
 * One record of an input file. A record that could not be read is a row too: it carries the problem instead of
 * its content, and travels on like every other.
 */
export interface Row extends Place {
  /** The byte at which the record begins; in a compressed file, the byte of the decompressed data. */
  offset: number
  /** The record's own bytes, without its line end. For JSON in another encoding, the same text in UTF-8. */
  raw: Uint8Array
  content: { cells: string[] } | { value: Json } | { problem: Problem }
}

/** The columns of a CSV file, in its own order. */
export type Header = string[]

/**
 * A file being read. `header` is there for CSV only. Rows come in batches, in the order of the file, because handing
 * over a million rows one by one costs more than parsing them.
 */
export interface RowFile extends Writing {
  file: string
  header: Header | null
  /** The header's own bytes, so that a reject file can carry it unchanged. */
  headerRaw: Uint8Array | null
  batches: AsyncIterable<Row[]>
  /** Releases the file, wherever its reader stopped. Every file must be closed. */
  close: () => Promise<void>
}

/** How a file is written, as set or as detected. */
export interface Writing {
  format: Format
  encoding: Encoding
  /** The delimiter between cells; null if the format is not CSV. */
  delimiter: string | null
  /** How the file is compressed; null if it is not. */
  packing: Packing | null
}

/** The formats that can be read. */
export const formats = ['csv', 'ndjson', 'json'] as const
export type Format = (typeof formats)[number]

/** The encodings that can be read. */
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

/** The compressions that can be read. */
export const packings = ['gzip', 'zstd', 'brotli'] as const
export type Packing = (typeof packings)[number]
