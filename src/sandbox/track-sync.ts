import { isCustomAttribute, occurrenceField } from '../braze/fields.ts'
import { addressOf } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Kind, kinds } from '../model/kind.ts'
import { type Profile, type Profiles, Transaction } from './profile.ts'
import { badRequest, noValidData, type Reply, type RequestError } from './reply.ts'
import { requestErrorOf } from './request-errors.ts'
import type { Rules } from './rules.ts'
import { isIgnored, write } from './write.ts'

/** One object of a request. */
interface RequestObject {
  kind: Kind
  body: JsonObject
}

/** `POST /users/track/sync`: writes one object and echoes the names in it as the profile now stores them. */
export function sync(request: Json | undefined, profiles: Profiles, now: number, rules: Rules): Reply {
  const parsed = parseBody(request, rules)
  if ('error' in parsed) return badRequest(parsed.error, rules.readings)
  const transaction = new Transaction(profiles)
  // A user that several objects address is listed once, by the identifier in the first of them.
  const users = new Map<string, JsonObject>()
  for (const { kind, body } of parsed.objects) {
    const profile = write(transaction, kind, body, now, rules)
    if (profile === undefined) continue
    const known = { ...identifierOf(body), ...users.get(profile.braze_id) }
    users.set(profile.braze_id, { ...known, ...echo(kind, body, profile, rules) })
  }
  const body = { users: [...users.values()], message: 'success' }
  return { response: { status: 201, body }, written: transaction.changes() }
}

/**
 * The objects of a request body. An object and an array of one object are both accepted; anything else is rejected,
 * with the sentence observed in responses if there is one. Source: contract §1.1, §1.2, §6.4.
 */
function parseBody(
  request: Json | undefined,
  rules: Rules,
): { objects: RequestObject[] } | { error: RequestError } {
  if (!isJsonObject(request)) return { error: { sentence: 'Invalid JSON' } }
  const present = kinds.filter(kind => Object.hasOwn(request, kind))
  if (present.length === 0) return { error: { sentence: noValidData } }
  if (present.length > 1 && rules.readings.mixedBody === 'refuse') {
    return { error: { sentence: 'Only one of attributes, events or purchases may be sent' } }
  }
  const objects: RequestObject[] = []
  for (const kind of present) {
    const value = request[kind] ?? null
    const items = Array.isArray(value) ? value : [value]
    const [body] = items
    if (items.length > 1) return { error: { sentence: 'Max Input Length Exceeded', kind } }
    if (!isJsonObject(body)) return { error: { sentence: noValidData, kind } }
    const error = requestErrorOf(kind, body, rules.readings)
    if (error !== undefined) return { error: { ...error, kind } }
    objects.push({ kind, body })
  }
  return { objects }
}

function identifierOf(body: JsonObject): JsonObject {
  const name = addressOf(body)
  return name === undefined ? {} : { [name]: body[name] ?? null }
}

/** Only lists names that are in the request. */
function echo(kind: Kind, body: JsonObject, profile: Profile, rules: Rules): JsonObject {
  if (kind === 'attributes') {
    const requested = Object.keys(body).filter(
      name => isCustomAttribute(name) && !isIgnored(kind, name, rules),
    )
    const stored = requested.filter(name => Object.hasOwn(profile.custom_attributes, name))
    return {
      custom_attributes: Object.fromEntries(stored.map(key => [key, profile.custom_attributes[key] ?? null])),
    }
  }
  const list = kind === 'events' ? profile.custom_events : profile.purchases
  const found = list.filter(
    ({ name }) => name === body[occurrenceField[kind]] && !isIgnored(kind, name, rules),
  )
  const shown = found.map(({ name: called, ...times }) => ({ [occurrenceField[kind]]: called, ...times }))
  return { [kind === 'events' ? 'custom_events' : 'purchase_events']: shown }
}
