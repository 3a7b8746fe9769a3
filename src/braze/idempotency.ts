import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'

/** What may be sent again after a lost answer: only what does no harm twice, everything, or nothing. */
export const replays = ['safe', 'all', 'none'] as const
export type Replay = (typeof replays)[number]

/**
 * Whether applying the object twice leaves the profile as once. Events and purchases count again; `inc` and `$add`
 * add again; everything else settles on the same value. Source: contract §7, replay classes (our inference: the API
 * documents no idempotency key and stores equal events twice).
 */
export function harmlessTwice(kind: Kind, body: JsonObject): boolean {
  if (kind !== 'attributes') return false
  return !Object.values(body).some(
    value => isJsonObject(value) && (Object.hasOwn(value, 'inc') || Object.hasOwn(value, '$add')),
  )
}
