import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'

/** What may be sent again after its response was lost: only what is idempotent, everything, or nothing. */
export const replays = ['safe', 'all', 'none'] as const
export type Replay = (typeof replays)[number]

/**
 * Whether applying the object twice has the same effect as applying it once. Events and purchases are counted again,
 * `inc` and `$add` are added again; everything else is idempotent. Source: contract §7, replay classes (inferred: the
 * API documents no idempotency key and stores equal events twice).
 */
export function isIdempotent(kind: Kind, body: JsonObject): boolean {
  if (kind !== 'attributes') return false
  return !Object.values(body).some(
    value => isJsonObject(value) && (Object.hasOwn(value, 'inc') || Object.hasOwn(value, '$add')),
  )
}
