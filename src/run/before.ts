import { exportFieldOf } from '../braze/export-fields.ts'
import { profileFor } from '../braze/exported-profile.ts'
import { isCustomAttribute, occurrenceField } from '../braze/fields.ts'
import { operationOf } from '../braze/operations.ts'
import { echoedAttributes } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { isJsonObject, type Json, type JsonObject, setKey, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Observation } from '../model/observation.ts'
import type { Lesson, Sighting } from '../reconcile/memory.ts'
import type { Asked } from '../reconcile/reconcile.ts'

/** A line of `before.ndjson`: what a profile held of all that some rows ask for, before the first of them was sent. */
export interface Before {
  user: string
  /** When it was seen, in milliseconds since 1970. */
  at: number
  /** Whether there was a profile. Of several with one identifier it is not known which is meant. */
  exists: boolean | 'ambiguous'
  /** Its `braze_id`, by which another identifier of the same profile is recognised; null where none was shown. */
  id: string | null
  /** In the form of a response; an attribute that was not there is null, and a count 0. */
  profile: JsonObject
  /** The attributes that rows add to: those are sums. */
  sums: string[]
}

/** The names that an object asks for and that an export shows. */
export function shownNames({ kind, body }: Asked): string[] {
  if (kind === null) return []
  if (kind !== 'attributes') return [textOf(body[occurrenceField[kind]])]
  const fields = valuesOf(kind, body).map(({ field }) => field)
  return fields.filter(field => exportFieldOf(field) !== undefined)
}

/** Whether a profile, in the form of a response, says anything of a name. */
export function saysOf(profile: JsonObject, kind: Kind, name: string): boolean {
  if (kind === 'attributes') return attributeIn(profile, name) !== undefined
  return occurrencesIn(profile, kind).some(item => item[occurrenceField[kind]] === name)
}

/** What a profile, in the form of a response, says of an attribute; undefined where it says nothing. */
export function attributeIn(profile: JsonObject, field: string): Json | undefined {
  const holder = isCustomAttribute(field) ? echoedAttributes(profile) : profile
  return holder !== undefined && Object.hasOwn(holder, field) ? holder[field] : undefined
}

/** Whether a profile, in the form of a response, says anything of attributes. */
export function hasAttributes(profile: JsonObject): boolean {
  return Object.keys(profile).some(name => name !== listOf('events') && name !== listOf('purchases'))
}

/** What the profile holds of all that the rows of a user ask for, but for what is `known` from an earlier look. */
export function beforeOf(
  user: string,
  asked: readonly Asked[],
  { profile: exported, at, isAmbiguous }: Observation,
  known: JsonObject = {},
): Before {
  const profile: JsonObject = {}
  const sums = new Set<string>()
  for (const one of asked) {
    const { kind, body } = one
    if (kind === null) continue
    const part = profileFor(exported ?? {}, kind, body)
    for (const name of shownNames(one)) {
      if (saysOf(known, kind, name)) continue
      if (kind === 'attributes') {
        setAttribute(profile, name, attributeIn(part, name) ?? null)
        if (isSum(body, name)) sums.add(name)
      } else if (!saysOf(profile, kind, name)) addCount(profile, kind, name, part)
    }
  }
  const id = exported?.['braze_id']
  return {
    user,
    at,
    exists: isAmbiguous === true ? 'ambiguous' : exported !== null,
    id: typeof id === 'string' ? id : null,
    profile,
    sums: [...sums],
  }
}

function isSum(body: JsonObject, name: string): boolean {
  const operation = operationOf(Object.hasOwn(body, name) ? (body[name] ?? null) : null)
  return operation !== undefined && 'inc' in operation
}

function setAttribute(profile: JsonObject, name: string, value: Json): void {
  if (!isCustomAttribute(name)) return setKey(profile, name, value)
  const attributes = echoedAttributes(profile) ?? {}
  profile['custom_attributes'] = attributes
  setKey(attributes, name, value)
}

/** An event or product that is not there has the count 0. */
function addCount(profile: JsonObject, kind: Exclude<Kind, 'attributes'>, name: string, part: JsonObject) {
  const [item = { [occurrenceField[kind]]: name, count: 0 }] = occurrencesIn(part, kind)
  profile[listOf(kind)] = [...occurrencesIn(profile, kind), item]
}

function occurrencesIn(profile: JsonObject, kind: Exclude<Kind, 'attributes'>): JsonObject[] {
  const list = profile[listOf(kind)]
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}

function listOf(kind: Exclude<Kind, 'attributes'>): string {
  return kind === 'events' ? 'custom_events' : 'purchase_events'
}

/** Two looks at one user as one; what the first shows counts. */
export function joined(first: Before, second: Before): Before {
  const profile = { ...second.profile, ...first.profile }
  const attributes: JsonObject = {}
  for (const part of [echoedAttributes(second.profile), echoedAttributes(first.profile)])
    for (const [name, value] of Object.entries(part ?? {})) setKey(attributes, name, value)
  profile['custom_attributes'] = attributes
  for (const kind of ['events', 'purchases'] as const)
    profile[listOf(kind)] = [first, second].flatMap(one => occurrencesIn(one.profile, kind))
  // An identifier that led to another profile meanwhile says nothing certain of either.
  const hasMoved = first.id !== null && second.id !== null && first.id !== second.id
  return { ...first, profile, exists: hasMoved ? 'ambiguous' : first.exists }
}

/** The numbers that a look shows. A count or a sum that is not there is 0. */
export function lessonsOf({ user, exists, profile, sums }: Before): Lesson[] {
  if (exists === 'ambiguous') return []
  const added = new Set(sums)
  const numbers = Object.entries(echoedAttributes(profile) ?? {}).flatMap(([name, value]): Sighting[] => {
    const number = value === null && added.has(name) ? 0 : value
    return typeof number === 'number' ? [{ name, number }] : []
  })
  const counts = (kind: Exclude<Kind, 'attributes'>) =>
    occurrencesIn(profile, kind).map(({ [occurrenceField[kind]]: name = '', count }): Sighting => {
      return { name: textOf(name), number: typeof count === 'number' ? count : 0 }
    })
  const lessons = [
    { user, kind: 'attributes', sightings: numbers },
    { user, kind: 'events', sightings: counts('events') },
    { user, kind: 'purchases', sightings: counts('purchases') },
  ] as const
  return lessons.filter(({ sightings }) => sightings.length > 0)
}

/** A line that was read; undefined where it is none. */
export function readBeforeLine(line: string): Before | undefined {
  try {
    const value = JSON.parse(line) as Json
    return isBefore(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isBefore(value: Json): value is Json & Before {
  if (!isJsonObject(value)) return false
  const { user, at, exists, id, profile, sums } = value
  const isPlaced = typeof user === 'string' && typeof at === 'number'
  const isKnown =
    (id === null || typeof id === 'string') && [true, false, 'ambiguous'].some(is => is === exists)
  return isPlaced && isKnown && isJsonObject(profile) && Array.isArray(sums)
}
