import type { Readings } from '../../src/braze/assumptions.ts'
import { exportFieldsFor } from '../../src/braze/export-fields.ts'
import { addressOf } from '../../src/braze/identifiers.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { Profiles } from '../../src/sandbox/profile.ts'
import { respond } from '../../src/sandbox/respond.ts'
import { now } from './build.ts'

/** Sends an object to the sandbox's function; tells whether a profile was written. */
export function writeTo(
  profiles: Profiles,
  kind: Kind,
  body: JsonObject,
  readings: Readings,
  at: number = now,
): boolean {
  const { written } = call('/users/track/sync', { [kind]: [body] }, profiles, readings, at)
  if (written !== null) profiles.save(written)
  return written !== null
}

/** The profile of an object's user as an export shows it, with the fields that the object needs; null if there is none. */
export function lookAt(profiles: Profiles, kind: Kind, body: JsonObject): JsonObject | null {
  const name = addressOf(body)
  const value = (name === undefined ? null : body[name]) ?? null
  const by: Record<string, JsonObject> = {
    external_id: { external_ids: [value] },
    user_alias: { user_aliases: [value] },
    braze_id: { braze_id: value },
    email: { email_address: value },
    phone: { phone: value },
  }
  const fields_to_export = ['external_id', ...exportFieldsFor(kind, body)]
  const { response } = call('/users/export/ids', { ...by[name ?? ''], fields_to_export }, profiles)
  const users = response.body['users'] as JsonObject[]
  return users[0] ?? null
}

/** The number of this name that the profile holds now: a count, or an attribute. */
export function numberIn(profiles: Profiles, kind: Kind, body: JsonObject, name: string): number | undefined {
  const profile = lookAt(profiles, kind, body)
  if (profile === null) return undefined
  if (kind === 'attributes') {
    const held = (profile['custom_attributes'] as JsonObject | undefined)?.[name]
    return typeof held === 'number' ? held : undefined
  }
  const list = profile[kind === 'events' ? 'custom_events' : 'purchases'] as JsonObject[]
  const count = list.find(item => item['name'] === name)?.['count'] ?? 0
  return typeof count === 'number' ? count : undefined
}

function call(path: string, body: Json, profiles: Profiles, readings?: Readings, at: number = now) {
  const request = { method: 'POST', path, headers: { authorization: 'Bearer k' }, body: JSON.stringify(body) }
  return respond(request, profiles, at, readings === undefined ? null : { readings })
}
