import { emptyChain } from './checksum.ts'
import type { Entry } from './entry.ts'

/** A place between two lines, and what is known there of those before it. */
export interface Point {
  byte: number
  /** Lines before it. */
  line: number
  /** Their running checksum. */
  chain: number
  /** Whether the lines from here on must carry checksums. */
  isSealed: boolean
}

/** A part of a journal, from one point to another. */
export interface Part {
  from: Point
  to: Point
}

/** A line of the journal and where its bytes lie; `to` is behind its line end. */
export interface Line extends Part {
  entry: Entry
}

export const journalStart: Point = { byte: 0, line: 0, chain: emptyChain, isSealed: false }
