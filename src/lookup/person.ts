import { type Identifier, isIdentifier, normalizeIdentifier } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'

/** A user as a request names it; an alias is its name and its label. */
export type Person =
  | { by: Exclude<Identifier, 'user_alias'>; value: string }
  | { by: 'user_alias'; value: { alias_name: string; alias_label: string } }

/** Whom a user key names; undefined where nobody can be looked up by it. */
export function personOf(user: string): Person | undefined {
  const entry = Object.entries(parse(user))[0]
  if (entry === undefined) return undefined
  const [by, value] = entry
  if (!isIdentifier(by)) return undefined
  if (by === 'user_alias') {
    const alias = aliasOf(value)
    return alias === undefined ? undefined : { by, value: alias }
  }
  const text = idOf(value)
  return text === undefined ? undefined : { by, value: text }
}

/** What a person is found by among the users of a response: any one of these keys. */
export function keysOfPerson({ by, value }: Person): string[] {
  if (by === 'phone') return [...new Set(spellingsOfPhone(value))].flatMap(phone => keyOf(by, phone))
  return keyOf(by, value)
}

/** The keys of everything that identifies a user of a response. */
export function keysOfUser(user: JsonObject): string[] {
  const { user_aliases: aliases, ...others } = user
  const singles = (['external_id', 'braze_id', 'email', 'phone'] as const).flatMap(by =>
    keyOf(by, others[by]),
  )
  const list = Array.isArray(aliases) ? aliases : [aliases]
  return [...singles, ...list.flatMap(alias => keyOf('user_alias', alias))]
}

/** An id as text. Some systems write it as a number, which is exact only up to 2^53. */
export function idOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function keyOf(by: Identifier, value: Json | undefined): string[] {
  const id = by === 'user_alias' ? aliasOf(value) : idOf(value)
  const normal = id === undefined ? '' : normalizeIdentifier(by, id)
  return normal === '' ? [] : [JSON.stringify([by, normal])]
}

function aliasOf(value: Json | undefined): { alias_name: string; alias_label: string } | undefined {
  if (!isJsonObject(value)) return undefined
  const [alias_name, alias_label] = [idOf(value['alias_name']), idOf(value['alias_label'])]
  return alias_name === undefined || alias_label === undefined ? undefined : { alias_name, alias_label }
}

/** Ten bare digits are a number of the United States. Source: braze-docs user_phone_numbers. */
function spellingsOfPhone(phone: string): string[] {
  const digits = phone.replaceAll(/\D/g, '')
  return digits.length === 10 && !phone.includes('+') ? [digits, `1${digits}`] : [digits]
}

function parse(user: string): JsonObject {
  try {
    const key: unknown = JSON.parse(user)
    return isJsonObject(key) ? key : {}
  } catch {
    return {}
  }
}
