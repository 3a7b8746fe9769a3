import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Sourced } from '../model/provenance.ts'
import { limits } from './limits.ts'

/**
 * The five ways to name a user, in the order in which they address one. An object may carry one primary identifier;
 * `email` and `phone` address a user only where no primary is there, and email goes before phone.
 * Source: braze-docs `post_user_track` (newest localisation), `user_attributes_object`.
 */
export const identifiers = {
  external_id: {
    primary: true,
    bytesMax: limits.externalIdBytes.max,
    basis: 'documented',
    source: 'post_user_track: EXTERNAL_USER_ID_TOO_LARGE',
  },
  user_alias: {
    primary: true,
    bytesMax: limits.aliasBytes.max,
    basis: 'documented',
    source: 'user_alias_object',
  },
  braze_id: {
    primary: true,
    bytesMax: limits.externalIdBytes.max,
    basis: 'assumed',
    source: 'as external_id',
  },
  email: { primary: false, bytesMax: limits.externalIdBytes.max, basis: 'assumed', source: 'as external_id' },
  phone: { primary: false, bytesMax: limits.externalIdBytes.max, basis: 'assumed', source: 'as external_id' },
} as const satisfies Record<string, { primary: boolean; bytesMax: number } & Sourced>

export type Identifier = keyof typeof identifiers
export const identifierNames = Object.keys(identifiers) as Identifier[]
export const primaryIdentifiers = identifierNames.filter(name => identifiers[name].primary)

export function isIdentifier(name: string): name is Identifier {
  return names.has(name)
}

const names: ReadonlySet<string> = new Set(identifierNames)

/** An address as the API takes it: what `EMAIL_BAD_FORMAT` calls bad in full is not documented. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text)
}

/** The identifier that addresses the object, or undefined where it has none. */
export function addressOf(body: JsonObject): Identifier | undefined {
  for (const name of identifierNames) if (body[name] !== undefined && body[name] !== null) return name
  return undefined
}

/**
 * The user key: the identifier an object is addressed by, as JSON with its kind, so that no two kinds and no two
 * alias pairs can collide. Empty where the object has no identifier.
 */
export function userKeyOf(body: JsonObject): string {
  const name = addressOf(body)
  return name === undefined ? '' : `{"${name}":${JSON.stringify(canonical(name, body[name] ?? null))}}`
}

function canonical(name: Identifier, value: Json): Json {
  if (name !== 'user_alias' || !isJsonObject(value)) return value
  return { alias_name: value['alias_name'] ?? null, alias_label: value['alias_label'] ?? null }
}

/**
 * A key for every identifier a body names, whether it addresses a user by it or writes it. An identifier that can be
 * written in several ways (`Ana@x.org`, `+1 555`) has one key.
 */
export function identifierKeys(body: JsonObject): string[] {
  return identifierNames.flatMap(name => {
    const value = body[name]
    return value === undefined || value === null ? [] : [JSON.stringify([name, plain(name, value)])]
  })
}

/** The same, of a user key. */
export function keysOfUser(user: string): string[] {
  return user === '' ? [] : identifierKeys(JSON.parse(user) as JsonObject)
}

/** Emails are alike in any case; of phone numbers the digits count. */
export function plain(name: string, value: Json): Json {
  if (name === 'user_alias' && isJsonObject(value)) {
    return [value['alias_name'] ?? null, value['alias_label'] ?? null]
  }
  if (typeof value !== 'string') return value
  if (name === 'email') return value.trim().toLowerCase()
  return name === 'phone' ? value.replaceAll(/\D/g, '') : value
}

/**
 * Whether the API makes a profile where none matches. Source: braze-docs `user_attributes_object`,
 * `user_alias_object`; that a `braze_id` never creates one is our inference.
 */
export function createsProfile(body: JsonObject): boolean {
  const name = addressOf(body)
  if (name === undefined || name === 'braze_id') return false
  const existingOnly = body['_update_existing_only']
  return name === 'user_alias' ? existingOnly === false : existingOnly !== true
}
