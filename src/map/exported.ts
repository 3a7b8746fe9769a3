import { fieldOf, reservedAttributes } from '../braze/fields.ts'
import { isIdentifier } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import { problem } from '../model/problem.ts'
import type { Part } from './track-body.ts'

/** Whether this is the answer of `/users/export/ids`: a list of users and nothing that asks for anything. */
export function isExportAnswer(value: JsonObject): boolean {
  const { users } = value
  if (!Array.isArray(users) || !users.every(isJsonObject)) return false
  return Object.keys(value).every(name => answerNames.has(name))
}

/** Whether this is a user as `/users/export/ids` and `/users/export/segment` show one. No request has such fields. */
export function isExportedUser(value: JsonObject): boolean {
  if (isJsonObject(value['custom_attributes'])) return true
  return exportLists.some(name => Array.isArray(value[name]))
}

const answerNames = new Set(['users', 'message', 'invalid_user_ids', 'errors'])
const exportLists = [
  'user_aliases',
  'custom_events',
  'devices',
  'apps',
  'campaigns_received',
  'canvases_received',
]

/**
 * An attributes object for each user of an export; what no request can write is left out and told. A user who has an
 * alias alone is made where there is none, unless only users that exist are to be updated.
 */
export function fromExport(value: JsonObject, existingOnly: boolean): Part[] {
  const users = isExportAnswer(value) ? (value['users'] as JsonObject[]) : [value]
  return users.map(user => fromUser(user, existingOnly))
}

function fromUser(user: JsonObject, existingOnly: boolean): Part {
  const object: JsonObject = {}
  const leftOut: string[] = []
  const aliases = Array.isArray(user['user_aliases']) ? user['user_aliases'] : []
  for (const [name, value] of Object.entries(user)) {
    if (isNothing(value)) continue
    if (name === 'custom_attributes' && isJsonObject(value)) addCustom(object, value, leftOut)
    else if (name === 'last_coordinates' && isCoordinates(value))
      object['current_location'] = { longitude: value[0], latitude: value[1] }
    else if (name === 'user_aliases') leftOut.push(...addAlias(object, user, aliases, existingOnly))
    else if (isWritable(name)) object[name] = value
    else leftOut.push(name)
  }
  return { kind: 'attributes', object, leftOut: leftOut.length === 0 ? [] : [cannotWrite(leftOut)] }
}

/** `braze_id` is that of the workspace it came from; a token belongs to an app there. */
function isWritable(name: string): boolean {
  if (name === 'braze_id' || name === 'push_tokens') return false
  return isIdentifier(name) || fieldOf('attributes', name) !== undefined
}

function addCustom(object: JsonObject, attributes: JsonObject, leftOut: string[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    const isTaken =
      isIdentifier(name) || fieldOf('attributes', name) !== undefined || reservedAttributes.has(name)
    if (isTaken) leftOut.push(`custom_attributes.${name}`)
    else if (value !== null) setKey(object, name, value)
  }
}

/** The first alias addresses a user who has no external id. Returns what is left out. */
function addAlias(object: JsonObject, user: JsonObject, aliases: Json[], existingOnly: boolean): string[] {
  const [first] = aliases
  const isAddress = isNothing(user['external_id'] ?? null) && isJsonObject(first)
  if (isAddress) object['user_alias'] = first
  if (isAddress && !existingOnly) object['_update_existing_only'] = false
  return aliases.length > (isAddress ? 1 : 0) ? ['user_aliases'] : []
}

function isNothing(value: Json): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function isCoordinates(value: Json): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'number')
}

function cannotWrite(names: string[]) {
  const message = `No request can write ${names.join(', ')}.`
  return problem('export_not_writable', message, { field: names[0] ?? '', came: names.join(', ') })
}
