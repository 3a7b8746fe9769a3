import { occurrenceField } from '../braze/fields.ts'
import { addressOf, createsProfile } from '../braze/identifiers.ts'
import { formatMoment, readMoment } from '../braze/moments.ts'
import type { Occurrence } from '../braze/response.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { newProfile, type Profile, type Transaction } from './profile.ts'
import type { Rules } from './rules.ts'
import { writeAttributes } from './write-attributes.ts'

/** Writes one object; returns the updated profile, or undefined if none matches and none is created. */
export function write(
  transaction: Transaction,
  kind: Kind,
  body: JsonObject,
  now: number,
  rules: Rules,
): Profile | undefined {
  const existing =
    transaction.find(body) ??
    (mayCreate(kind, body, rules) ? newProfile(body, transaction.size + 1) : undefined)
  if (existing === undefined) return undefined
  const profile = updated(existing, kind, body, now, rules)
  transaction.save(profile)
  return profile
}

/** Names that the sandbox neither stores nor shows: blocked ones, and the retired `bio`. */
export function isIgnored(kind: Kind, name: string, { blocked }: Rules): boolean {
  return blocked[kind].has(name) || (kind === 'attributes' && name === 'bio')
}

function updated(profile: Profile, kind: Kind, body: JsonObject, now: number, rules: Rules): Profile {
  if (kind === 'attributes') {
    const stored = Object.entries(body).filter(([name]) => !isIgnored(kind, name, rules))
    return writeAttributes(profile, Object.fromEntries(stored), now, rules)
  }
  // A blocked event still creates its user, as a blocked attribute does.
  if (isIgnored(kind, textOf(body[occurrenceField[kind]]), rules)) return profile
  return writeOccurrence(profile, kind, body, now)
}

function mayCreate(kind: Kind, body: JsonObject, { readings }: Rules): boolean {
  const never = kind !== 'attributes' && readings.aliasOccurrence === 'never_creates'
  return createsProfile(body) && !(never && addressOf(body) === 'user_alias')
}

/**
 * The profile after an event or purchase. Times in the future are set to now. Source: braze-docs event_object,
 * purchase_object; that the quantity of a purchase is added to its count is inferred.
 */
function writeOccurrence(
  profile: Profile,
  kind: 'events' | 'purchases',
  body: JsonObject,
  now: number,
): Profile {
  const list = kind === 'events' ? 'custom_events' : 'purchases'
  const name = textOf(body[occurrenceField[kind]])
  const time = Math.min(readMoment(textOf(body['time']))?.ms ?? now, now)
  const count = kind === 'purchases' && typeof body['quantity'] === 'number' ? body['quantity'] : 1
  const previous = profile[list].find(occurrence => occurrence.name === name)
  const others = profile[list].filter(occurrence => occurrence !== previous)
  return { ...profile, [list]: [...others, addOccurrence(previous, name, time, count)], updatedAt: now }
}

function addOccurrence(
  previous: Occurrence | undefined,
  name: string,
  time: number,
  count: number,
): Occurrence {
  const first = Math.min(time, previous === undefined ? time : Date.parse(previous.first))
  const last = Math.max(time, previous === undefined ? time : Date.parse(previous.last))
  return { name, first: formatMoment(first), last: formatMoment(last), count: (previous?.count ?? 0) + count }
}
