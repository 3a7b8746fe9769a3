import type { JsonObject } from './json.ts'
import type { Kind } from './kind.ts'
import type { Place, Problem } from './problem.ts'

/** The place of a track object and its user: every line about an object begins with these. */
export interface Addressed extends Place {
  /** 0 where the row is one object; 1, 2, … where a row holds a whole `/users/track` body. */
  part: number
  kind: Kind | null
  /** The user key (see `identifiers.ts`); empty if there is no identifier. */
  user: string
}

/**
 * The one object of a request. A row that cannot become one is a track object too, with problems instead of a body, so
 * that every row reaches the journal and the report in the same way.
 */
export interface TrackObject extends Addressed {
  /** Position in the run, from 0, in input order. */
  seq: number
  /** Exactly what the request contains under its kind; with problems, as much as could be read. */
  body: JsonObject
  /** The input's own bytes; for a part of a larger record, a record with that part alone. */
  raw: Uint8Array
  problems: Problem[]
  /** Cells that were left out because of `--on-type-error field`. */
  leftOut: Problem[]
}

/** `12`, or `12.3` for the third object of row 12. */
export function rowLabel(object: { row: number; part: number }): string {
  return object.part === 0 ? String(object.row) : `${object.row}.${object.part}`
}

/** An object from an earlier process of the run that others may have to wait for. */
export interface Unsettled extends Addressed {
  seq: number
  outcome: 'unknown' | 'rejected'
  body: JsonObject
}
