import { endpoints } from '../braze/endpoints.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Profile, Profiles } from './profile.ts'
import { errorReply, type Reply } from './reply.ts'

/** `POST /users/export/ids`: whole profiles by any identifier. Source: contract §8. */
export function exportIds(request: Json | undefined, profiles: Profiles): Reply {
  if (!isJsonObject(request)) return errorReply(400, 'Invalid JSON')
  const { external_ids, user_aliases, braze_id, email_address, phone, fields_to_export } = request
  const ids = listOf(external_ids)
  const aliases = listOf(user_aliases)
  if (ids.length + aliases.length > endpoints.exportIds.objectsMax)
    return errorReply(400, 'Max Input Length Exceeded')
  const requested: JsonObject[] = [
    ...ids.map(external_id => ({ external_id })),
    ...aliases.map(user_alias => ({ user_alias })),
    ...listOf(braze_id).map(id => ({ braze_id: id })),
    ...listOf(email_address).map(email => ({ email })),
    ...listOf(phone).map(number => ({ phone: number })),
  ]
  if (requested.length === 0) {
    return errorReply(
      400,
      "'external_ids', 'user_aliases', 'braze_id', 'email_address' or 'phone' is required",
    )
  }
  const found = new Set(requested.flatMap(body => profiles.matching(body)))
  const invalid = ids.filter(external_id => profiles.find({ external_id }) === undefined)
  const users = [...found].map(profile => select(profile, fields_to_export))
  return {
    response: { status: 201, body: { message: 'success', users, invalid_user_ids: invalid } },
    written: null,
  }
}

/** All fields or the requested ones; fields that the profile does not have are null. */
function select(profile: Profile, fields: Json | undefined): JsonObject {
  const {
    braze_id,
    external_id = null,
    user_aliases,
    standard,
    custom_attributes,
    custom_events,
    purchases,
  } = profile
  const whole: JsonObject = {
    ...standard,
    external_id,
    braze_id,
    user_aliases: user_aliases.map(alias => ({ ...alias })),
    custom_attributes,
    custom_events: custom_events.map(event => ({ ...event })),
    purchases: purchases.map(purchase => ({ ...purchase })),
  }
  if (!Array.isArray(fields)) return whole
  const names = fields.filter(name => typeof name === 'string')
  return Object.fromEntries(
    names.map(name => [name, Object.hasOwn(whole, name) ? (whole[name] ?? null) : null]),
  )
}

function listOf(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}
