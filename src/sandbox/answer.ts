import { type Kind, occurrenceField } from '../model/fields.ts'
import { addressOf, createsProfile } from '../model/identifiers.ts'
import { isCustomAttribute } from '../model/fields.ts'
import { limits } from '../model/limits.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { newProfile, type Profile, type Profiles } from './profile.ts'
import { accept } from './refuse.ts'
import { writeAttributes } from './write-attributes.ts'
import { writeOccurrence } from './write-occurrence.ts'

export interface SandboxRequest {
  method: string
  path: string
  /** Names in lower case. */
  headers: Record<string, string | undefined>
  body: string
}

export interface SandboxAnswer {
  status: number
  body: JsonObject
}

/**
 * The endpoint as a function: what it answers, and the profile as it is afterwards (null where nothing was written).
 * It reads the profiles and changes none.
 */
export function answer(
  request: SandboxRequest,
  profiles: Profiles,
  now: number,
  key: string | null,
): { answer: SandboxAnswer; written: Profile | null } {
  const refuse = (status: number, body: JsonObject) => ({ answer: { status, body }, written: null })
  if (request.path !== '/users/track/sync' || request.method !== 'POST') {
    return refuse(404, { message: 'Not Found' })
  }
  if (!isAuthorized(request.headers['authorization'], key)) return refuse(401, { message: 'Invalid API Key' })
  if (Buffer.byteLength(request.body) > limits.requestBytes.max) {
    return refuse(413, { message: 'Request Entity Too Large' })
  }
  const accepted = accept(parse(request.body))
  if ('refused' in accepted) return refuse(400, fatal(accepted.refused, accepted.kind))
  const { kind, body } = accepted
  const known =
    profiles.find(body) ?? (createsProfile(body) ? newProfile(body, profiles.size + 1) : undefined)
  if (known === undefined) return refuse(201, { users: [], message: 'success' })
  const written =
    kind === 'attributes' ? writeAttributes(known, body, now) : writeOccurrence(known, kind, body, now)
  return {
    answer: { status: 201, body: { users: [echo(kind, body, written)], message: 'success' } },
    written,
  }
}

/** Only names that the request carried are listed, and the user is named as the request named it. */
function echo(kind: Kind, body: JsonObject, profile: Profile): JsonObject {
  const name = addressOf(body)
  const user: JsonObject = name === undefined ? {} : { [name]: body[name] ?? null }
  if (kind === 'attributes') {
    const asked = Object.keys(body).filter(isCustomAttribute)
    const held = asked.filter(key => Object.hasOwn(profile.custom_attributes, key))
    return {
      ...user,
      custom_attributes: Object.fromEntries(held.map(key => [key, profile.custom_attributes[key] ?? null])),
    }
  }
  const list = kind === 'events' ? profile.custom_events : profile.purchases
  const found = list.filter(occurrence => occurrence.name === body[occurrenceField[kind]])
  const shown = found.map(({ name: called, ...times }) => ({ [occurrenceField[kind]]: called, ...times }))
  return { ...user, [kind === 'events' ? 'custom_events' : 'purchase_events']: shown }
}

/** The shape of a fatal error, with the list that `/users/track` is seen to send. Source: contract §6.4. */
function fatal(sentence: string, kind?: Kind): JsonObject {
  const item: JsonObject = { type: sentence, ...(kind === undefined ? {} : { input_array: kind, index: 0 }) }
  return { message: sentence, errors: [item] }
}

/** With no key set, any is good, so long as there is one and it is not in quotation marks. */
function isAuthorized(header: string | undefined, key: string | null): boolean {
  const given = /^Bearer (\S+)$/.exec(header ?? '')?.[1]
  return given !== undefined && !/^["']/.test(given) && (key === null || given === key)
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
