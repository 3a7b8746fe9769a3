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
  /** When its last exchange ended, in milliseconds since 1970; null if no response and no lost response is recorded. */
  endedAt: number | null
  /** The requested object; null if nothing was requested. */
  body: JsonObject | null
  /** What an `unchanged` object asks for: an earlier run verified that. */
  wanted?: JsonObject
  /** The user in the response; null if there was none. */
  echoed: JsonObject | null
  /** One reason per value, in the order of `valuesOf(kind, body)`. */
  reasons: ReasonCode[]
  /** The original record; null if the outcome needs none. */
  raw: Uint8Array | null
  /** The later row of the same user that has written the same field since this one failed. */
  overtakenBy: string | null
}
