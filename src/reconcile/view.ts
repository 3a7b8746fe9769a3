import type { Readings } from '../braze/assumptions.ts'
import type { Json } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { RequestLimits } from './limit-reasons.ts'

/**
 * What requested values are judged by, beside the values. A response and a look at the profile show the same things, and
 * differ in what is known of before and in what it means that something is not there.
 */
export interface View {
  /** When the response came, or the profile was seen, in milliseconds. */
  at: number
  readings: Readings
  /** The object was sent again after a response was lost, so it may have been applied more than once. */
  repeated: boolean
  /** The number that the profile should hold after an object that adds this; undefined where the earlier one is unknown. */
  numberAfter: (kind: Kind, name: string, adds: number) => number | undefined
  /** The reason for a name that is not listed, where nothing about its value explains that. */
  missing: (kind: Kind, name: string, requested: Json) => ReasonCode
  /** The reason for a standard field. */
  standard: (field: string, requested: Json, limits: RequestLimits) => ReasonCode
}
