import { isCustomAttribute, occurrenceField } from '../braze/fields.ts'
import { addressOf } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Kind, kinds } from '../model/kind.ts'
import { Draft, type Profile, type Profiles } from './profile.ts'
import { mistakeOf } from './refuse.ts'
import { type Mistake, nothingValid, refuseObject, type Reply } from './reply.ts'
import type { Rules } from './rules.ts'
import { isIgnored, write } from './write.ts'

/** One object of a request. */
interface Part {
  kind: Kind
  body: JsonObject
}

/** `POST /users/track/sync`: one object is written, and the answer shows what the profile then holds of its names. */
export function sync(request: Json | undefined, profiles: Profiles, now: number, rules: Rules): Reply {
  const accepted = accept(request, rules)
  if ('mistake' in accepted) return refuseObject(accepted.mistake, rules.readings)
  const draft = new Draft(profiles)
  // A user that several objects speak of is named once, as the first of them names it.
  const users = new Map<string, JsonObject>()
  for (const { kind, body } of accepted.parts) {
    const profile = write(draft, kind, body, now, rules)
    if (profile === undefined) continue
    const shown = { ...identifierOf(body), ...users.get(profile.braze_id) }
    users.set(profile.braze_id, { ...shown, ...echo(kind, body, profile, rules) })
  }
  const body = { users: [...users.values()], message: 'success' }
  return { answer: { status: 201, body }, written: draft.written() }
}

/**
 * The objects of a request body. Both forms are taken, one object and a list of one; anything else is refused. The
 * sentences are those seen of the API where one was seen. Source: contract §1.1, §1.2, §6.4.
 */
function accept(request: Json | undefined, rules: Rules): { parts: Part[] } | { mistake: Mistake } {
  if (!isJsonObject(request)) return { mistake: { sentence: 'Invalid JSON' } }
  const named = kinds.filter(kind => Object.hasOwn(request, kind))
  if (named.length === 0) return { mistake: { sentence: nothingValid } }
  if (named.length > 1 && rules.readings.mixedBody === 'refuse') {
    return { mistake: { sentence: 'Only one of attributes, events or purchases may be sent' } }
  }
  const parts: Part[] = []
  for (const kind of named) {
    const value = request[kind] ?? null
    const objects = Array.isArray(value) ? value : [value]
    const [body] = objects
    if (objects.length > 1) return { mistake: { sentence: 'Max Input Length Exceeded', kind } }
    if (!isJsonObject(body)) return { mistake: { sentence: nothingValid, kind } }
    const mistake = mistakeOf(kind, body, rules.readings)
    if (mistake !== undefined) return { mistake: { ...mistake, kind } }
    parts.push({ kind, body })
  }
  return { parts }
}

function identifierOf(body: JsonObject): JsonObject {
  const name = addressOf(body)
  return name === undefined ? {} : { [name]: body[name] ?? null }
}

/** Only names that the request carried are listed. */
function echo(kind: Kind, body: JsonObject, profile: Profile, rules: Rules): JsonObject {
  if (kind === 'attributes') {
    const asked = Object.keys(body).filter(name => isCustomAttribute(name) && !isIgnored(kind, name, rules))
    const held = asked.filter(name => Object.hasOwn(profile.custom_attributes, name))
    return {
      custom_attributes: Object.fromEntries(held.map(key => [key, profile.custom_attributes[key] ?? null])),
    }
  }
  const list = kind === 'events' ? profile.custom_events : profile.purchases
  const found = list.filter(
    ({ name }) => name === body[occurrenceField[kind]] && !isIgnored(kind, name, rules),
  )
  const shown = found.map(({ name: called, ...times }) => ({ [occurrenceField[kind]]: called, ...times }))
  return { [kind === 'events' ? 'custom_events' : 'purchase_events']: shown }
}
