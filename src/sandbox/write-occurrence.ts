import { occurrenceField } from '../braze/fields.ts'
import { readMoment, sayMoment } from '../braze/moments.ts'
import type { Occurrence } from '../braze/response.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Profile } from './profile.ts'

/**
 * The profile after an event or a purchase: one more of that name, or as many as the quantity says. A time in the
 * future becomes now. Source: braze-docs event_object, purchase_object; that counts rise by quantity is inferred.
 */
export function writeOccurrence(
  profile: Profile,
  kind: 'events' | 'purchases',
  body: JsonObject,
  now: number,
): Profile {
  const list = kind === 'events' ? 'custom_events' : 'purchases'
  const name = textOf(body[occurrenceField[kind]])
  const moment = Math.min(readMoment(textOf(body['time']))?.ms ?? now, now)
  const adds = kind === 'purchases' && typeof body['quantity'] === 'number' ? body['quantity'] : 1
  const old = profile[list].find(occurrence => occurrence.name === name)
  const others = profile[list].filter(occurrence => occurrence !== old)
  return { ...profile, [list]: [...others, raise(old, name, moment, adds)], updatedAt: now }
}

function raise(old: Occurrence | undefined, name: string, moment: number, adds: number): Occurrence {
  const first = Math.min(moment, old === undefined ? moment : Date.parse(old.first))
  const last = Math.max(moment, old === undefined ? moment : Date.parse(old.last))
  return { name, first: sayMoment(first), last: sayMoment(last), count: (old?.count ?? 0) + adds }
}
