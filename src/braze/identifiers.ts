import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Sourced } from '../model/provenance.ts'
import { limits } from './limits.ts'

/**
 * The five identifiers of a user, in order of precedence. An object may have one primary identifier; `email` and
 * `phone` only address a user if there is none, email before phone. Source: braze-docs `post_user_track` (newest
 * localisation), `user_attributes_object`.
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

/** What the API rejects as `EMAIL_BAD_FORMAT` is not fully documented. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text)
}

/** The identifier that the API looks the user up by; undefined if there is none. */
export function addressOf(body: JsonObject): Identifier | undefined {
  for (const name of identifierNames) if (body[name] !== undefined && body[name] !== null) return name
  return undefined
}

/**
 * The key of the user that an object addresses: the identifier with its name, as JSON, so that identifiers and alias
 * pairs cannot collide. Empty if the object has no identifier.
 */
export function userKeyOf(body: JsonObject): string {
  const name = addressOf(body)
  return name === undefined
    ? ''
    : `{"${name}":${JSON.stringify(withCanonicalAlias(name, body[name] ?? null))}}`
}

function withCanonicalAlias(name: Identifier, value: Json): Json {
  if (name !== 'user_alias' || !isJsonObject(value)) return value
  return { alias_name: value['alias_name'] ?? null, alias_label: value['alias_label'] ?? null }
}

/**
 * A key for every identifier in a body, whether it addresses the user or is written. Different spellings of the same
 * identifier (`Ana@x.org`, `+1 555`) have the same key.
 */
export function identifierKeys(body: JsonObject): string[] {
  return identifierNames.flatMap(name => {
    const value = body[name]
    return value === undefined || value === null
      ? []
      : [JSON.stringify([name, normalizeIdentifier(name, value)])]
  })
}

/** The same for a user key. */
export function identifierKeysOf(user: string): string[] {
  return user === '' ? [] : identifierKeys(JSON.parse(user) as JsonObject)
}

/** Emails are case-insensitive, and only the digits of a phone number count. */
export function normalizeIdentifier(name: string, value: Json): Json {
  if (name === 'user_alias' && isJsonObject(value)) {
    return [value['alias_name'] ?? null, value['alias_label'] ?? null]
  }
  if (typeof value !== 'string') return value
  if (name === 'email') return value.trim().toLowerCase()
  return name === 'phone' ? value.replaceAll(/\D/g, '') : value
}

/**
 * Whether the API creates a profile if none matches. Source: braze-docs `user_attributes_object`, `user_alias_object`;
 * that a `braze_id` never creates one is inferred.
 */
export function createsProfile(body: JsonObject): boolean {
  const name = addressOf(body)
  if (name === undefined || name === 'braze_id') return false
  const existingOnly = body['_update_existing_only']
  return name === 'user_alias' ? existingOnly === false : existingOnly !== true
}
