import type { JsonObject } from './json.ts'
import type { Kind } from './kind.ts'
import type { Place, Problem } from './problem.ts'

/** Where a track object stands and whom it is about: what every line that speaks of one begins with. */
export interface Addressed extends Place {
  /** 0 where the row is one object; 1, 2, … where a row holds a whole `/users/track` body. */
  part: number
  kind: Kind | null
  /** The user key (see `identifiers.ts`); empty where there is no identifier. */
  user: string
}

/**
 * The one object a request carries. A row that cannot become one is a track object all the same, with its problems
 * instead of a body, so that every row reaches the journal and the report by the same road.
 */
export interface TrackObject extends Addressed {
  /** Position in the run, from 0, in input order. */
  seq: number
  /** Exactly what the request carries under its kind; where there are problems, what was understood of it. */
  body: JsonObject
  /** The input's own bytes; for a part of a larger record, a record of that part alone. */
  raw: Uint8Array
  problems: Problem[]
  /** Cells that were left out because the user said so (`--on-type-error field`). */
  leftOut: Problem[]
}

/** `12`, or `12.3` for the third object of row 12. */
export function rowLabel(object: { row: number; part: number }): string {
  return object.part === 0 ? String(object.row) : `${object.row}.${object.part}`
}

/** An object that an earlier process of the run left so that others may have to wait for it. */
export interface Unsettled extends Addressed {
  seq: number
  outcome: 'unknown' | 'rejected'
  body: JsonObject
}
