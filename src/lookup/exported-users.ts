import { identifierKeys, identifierKeysOf } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Row } from '../model/row.ts'

/** A user of an export, with a key for each of its identifiers. */
export interface ExportedUser {
  profile: JsonObject
  keys: string[]
}

/** What a record of an export holds. */
export interface Held {
  users: ExportedUser[]
  /** Whether the record is a user itself, and not a response with a list of users. */
  isUser: boolean
  /** What is wrong with the record, or with a part of it. */
  problem?: string
}

/**
 * The users that a record of an export holds. A line of a segment export is a user, a saved response of
 * `/users/export/ids` a list of them. Source: braze-docs post_users_segment, post_users_identifier.
 */
export function usersIn({ content, raw }: Row): Held {
  const read = 'problem' in content && passes.has(content.problem.code) ? reread(raw) : content
  if (!('value' in read)) {
    const problem = 'problem' in read ? read.problem.message : 'It is a record of CSV.'
    return { users: [], isUser: false, problem }
  }
  const { value } = read
  if (isJsonObject(value) && Array.isArray(value['users'])) return usersAmong(value['users'])
  const users = userOf(value)
  return users.length > 0 ? { users, isUser: true } : { users, isUser: false, problem: notUser }
}

/** What stands in the way of sending a record, and not of comparing with it: no request can ask for such a value. */
const passes: ReadonlySet<string> = new Set(['number_not_exact', 'text_not_exact', 'json_name_twice'])
const notUser = 'It is no exported user: it has no external_id, user_aliases, braze_id, email or phone.'

function reread(raw: Uint8Array): { value: Json } {
  return { value: JSON.parse(Buffer.from(raw).toString()) as Json }
}

function usersAmong(values: readonly Json[]): Held {
  const users = values.flatMap(userOf)
  const others = values.length - users.length
  const problem = `${others} of its ${values.length} users have no external_id, user_aliases, braze_id, email or phone.`
  return { users, isUser: false, ...(others === 0 ? {} : { problem }) }
}

/** A user has an identifier. */
function userOf(value: Json): ExportedUser[] {
  const keys = isJsonObject(value) ? keysOfProfile(value) : []
  return isJsonObject(value) && keys.length > 0 ? [{ profile: value, keys }] : []
}

/** Whether this is how a response of `/users/export/ids` begins that breaks off before its users end. */
export function beginsResponse(raw: Uint8Array): boolean {
  return responseStart.test(Buffer.from(raw).toString())
}

/** Up to the list of users only texts and lists of texts: `message`, `invalid_user_ids`, `errors`. */
const responseStart =
  /^\s*\{\s*(?:"(?:message|invalid_user_ids|errors)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|\[(?:\s*,?\s*"(?:[^"\\]|\\.)*")*\s*\])\s*,\s*)*"users"\s*:\s*\[/

/** A key for each identifier of an exported profile; the user of a key has it if one of its own is the same. */
export function keysOfProfile(profile: JsonObject): string[] {
  const { user_aliases: aliases = [], external_id = '', braze_id = '', email = '', phone = '' } = profile
  // A list, though the page of the segment export calls it an object.
  const pairs = Array.isArray(aliases) ? aliases : [aliases]
  const body = Object.fromEntries(
    Object.entries({ external_id, braze_id, email, phone }).filter(([, id]) => typeof id === 'string'),
  )
  return [body, ...pairs.filter(isPair).map(user_alias => ({ user_alias }))]
    .flatMap(identifierKeys)
    .filter(isFull)
}

/** The key to find the user of a user key by; none where it names nobody. */
export function keyOfUser(user: string): string | undefined {
  return identifierKeysOf(user).find(isFull)
}

function isPair(alias: Json): alias is JsonObject {
  return (
    isJsonObject(alias) && [alias['alias_name'], alias['alias_label']].every(part => typeof part === 'string')
  )
}

/** An empty identifier is none, nor is a phone number without digits. */
function isFull(key: string): boolean {
  return !key.endsWith(',""]')
}

/** The key that tells a profile from all others, the most lasting one; undefined where it shows none. */
export function identityOf(profile: JsonObject): string | undefined {
  const keys = keysOfProfile(profile)
  return lasting.flatMap(name => keys.filter(key => key.startsWith(`["${name}"`)))[0]
}

const lasting = ['braze_id', 'external_id', 'user_alias']
