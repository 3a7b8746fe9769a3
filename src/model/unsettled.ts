import type { JsonObject } from './json.ts'
import type { Addressed } from './track-object.ts'

/** An object that an earlier process of the run left so that others may have to wait for it. */
export interface Unsettled extends Addressed {
  seq: number
  outcome: 'unknown' | 'rejected'
  body: JsonObject
}
