import { dirname } from 'node:path'
import { type Damage, sayDamage } from '../model/damage.ts'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
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

/**
 * The journal is no longer what was written to it. The lines before the damage are read and reported. What follows is not
 * guessed, and such a run is never resumed: a line is on the disk before its request leaves, so requests that left may be
 * recorded behind the damage, or in it.
 *
 * One thing is no damage, because it is what a crash leaves: the beginning of a line at the very end, without a line end,
 * perhaps with zeros in it. Its write had not finished, so its request had not left; the line
 * is ignored, and cut off when the run is resumed. A whole line that has lost its line end is damage.
 */
export class JournalDamaged extends TrackSyncError {
  readonly damage: Damage

  constructor(path: string, damage: Damage) {
    super('run_damaged', `${path} is damaged at ${sayDamage(damage)}.`, {
      file: path,
      line: damage.line,
      byte: damage.byte,
      expected: 'the lines that were written to it',
      next: nextSteps.look(dirname(path)),
    })
    this.damage = damage
  }
}
