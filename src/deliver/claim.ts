import { occurrenceField } from '../braze/fields.ts'
import { identifierKeys } from '../braze/identifiers.ts'
import { valuesOf } from '../braze/values.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { TrackObject } from '../model/track-object.ts'

/** What shares a lane: everything of a user, or what writes the same attribute, event or product of a user. */
export const orders = ['user', 'value'] as const
export type Order = (typeof orders)[number]

/** Whom something is about, and what it writes. */
export interface Claim {
  /** Every identifier of the person. Claims that share one are of one person. */
  who: string[]
  /** Two claims of one person may overlap only where they write different things. Empty: everything. */
  what: string[]
}

/**
 * Whom an object is about, and what it writes. An email written beside an external id may be what the next row is
 * addressed by, so every identifier counts. That different attributes, events and products of one user may be written
 * at the same time is the endpoint's own word (the seed page, its questions).
 */
export function claimOf(
  { kind, body, seq }: Pick<TrackObject, 'kind' | 'body' | 'seq'>,
  order: Order,
): Claim {
  const keys = identifierKeys(body)
  // A push token that is imported without a user is about nobody else.
  const who = keys.length === 0 ? [`nobody ${seq}`] : keys
  // Where a row ties identifiers together, the order of all that names one of them counts.
  const ties = keys.length > 1
  return { who, what: order === 'user' || kind === null || ties ? [] : written(kind, body) }
}

function written(kind: Kind, body: JsonObject): string[] {
  if (kind !== 'attributes') return [`${kind} ${textOf(body[occurrenceField[kind]])}`]
  return valuesOf(kind, body).map(({ field }) => `attributes ${field}`)
}
