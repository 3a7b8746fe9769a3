import type { JsonObject } from './json.ts'
import type { Outcome } from './outcome.ts'
import type { Addressed } from './track-object.ts'
import type { ReasonCode } from './verdict.ts'

/** Everything the journal knows of one track object: what the report is made from. */
export interface Account extends Addressed {
  seq: number
  outcome: Outcome
  /** The object's own reason: a problem code, a stop reason or the first reason code that differs. */
  reason: string
  message: string
  httpStatus: number | null
  attempts: number
  durationMs: number | null
  /** When its last exchange ended, in milliseconds since 1970; null where no answer and no loss of one is on record. */
  endedAt: number | null
  /** What was requested; null where nothing was. */
  body: JsonObject | null
  /** The user of the answer; null where there was none. */
  echoed: JsonObject | null
  /** One reason a value, in the order of `valuesOf(kind, body)`. */
  reasons: ReasonCode[]
  /** The original record; null where the outcome needs none. */
  raw: Uint8Array | null
  /** The later row of the same user that has written the same field since this one did not get through. */
  overtakenBy: string | null
}
