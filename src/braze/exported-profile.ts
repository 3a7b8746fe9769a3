import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { exportFieldOf } from './export-fields.ts'
import { isCustomAttribute, occurrenceField } from './fields.ts'
import { valuesOf } from './values.ts'

/**
 * What an exported profile holds of all that an object asks for, in the form of a response of `/users/track/sync`:
 * requested custom attributes in `custom_attributes`, the requested event or product in its list, and standard fields
 * beside them, under their names in a track object. A requested field that the profile does not have is null; what no
 * export shows is not there.
 */
export function profileFor(exported: JsonObject, kind: Kind, body: JsonObject): JsonObject {
  if (kind !== 'attributes') {
    return {
      [kind === 'events' ? 'custom_events' : 'purchase_events']: occurrencesOf(exported, kind, body),
    }
  }
  const user: JsonObject = {}
  const attributes: JsonObject = {}
  for (const { field, requested } of valuesOf(kind, body)) {
    if (isCustomAttribute(field)) {
      setKey(attributes, field, customAttribute(exported, field))
      user['custom_attributes'] = attributes
      continue
    }
    const name = exportFieldOf(field)
    if (name !== undefined) user[field] = standardValue(field, exported[name] ?? null, requested)
  }
  return user
}

/** The requested event or product; in an export, `name` is the product. */
function occurrencesOf(exported: JsonObject, kind: 'events' | 'purchases', body: JsonObject): JsonObject[] {
  const list = exported[kind === 'events' ? 'custom_events' : 'purchases']
  const items = Array.isArray(list) ? list.filter(isJsonObject) : []
  const nameField = occurrenceField[kind]
  return items
    .filter(({ name }) => name === body[nameField])
    .map(({ name = null, first = null, last = null, count = null }) => {
      return { [nameField]: name, first, last, count }
    })
}

function customAttribute({ custom_attributes: held }: JsonObject, name: string): Json {
  return isJsonObject(held) && Object.hasOwn(held, name) ? (held[name] ?? null) : null
}

/** "If a field is missing from the object it should be assumed to be null, false, or empty", so these are one. */
function standardValue(field: string, held: Json, requested: Json): Json {
  switch (field) {
    case 'current_location':
      return locationOf(held)
    case 'push_tokens':
      return requestedTokens(held, requested)
    case 'user_alias':
      return aliasOf(held, requested)
    default:
      return isBlank(held) ? null : held
  }
}

/** An export has `[longitude, latitude]`. Source: braze-docs post_users_identifier. */
function locationOf(held: Json): Json {
  if (!Array.isArray(held)) return null
  const [longitude, latitude] = held
  return typeof longitude === 'number' && typeof latitude === 'number' ? { longitude, latitude } : null
}

/** An alias has one name per label. Source: braze-docs user_alias_object. */
function aliasOf(held: Json, requested: Json): Json {
  if (!Array.isArray(held) || !isJsonObject(requested)) return null
  const { alias_label } = requested
  return held.find(alias => isJsonObject(alias) && alias['alias_label'] === alias_label) ?? null
}

/** Only the tokens that were sent: those of other devices are nobody's business here. */
function requestedTokens(held: Json, requested: Json): Json {
  const sent = new Set(tokensOf(requested))
  const found = Array.isArray(held)
    ? held.filter(item => tokensOf([item]).some(token => sent.has(token)))
    : []
  return found.length === 0 ? null : found
}

/** The tokens in a list of `{token, …}`. An export names the app, a track object has its ID, so only tokens compare. */
export function tokensOf(list: Json): Json[] {
  return Array.isArray(list) ? list.filter(isJsonObject).flatMap(({ token }) => token ?? []) : []
}

/** Null, false or empty, which an export need not tell apart. Source: braze-docs post_users_identifier. */
export function isBlank(value: Json): boolean {
  if (value === null || value === false || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
