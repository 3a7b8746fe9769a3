import { endpoints } from '../braze/endpoints.ts'
import { exportFields } from '../braze/export-fields.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Profile, Profiles } from './profile.ts'
import { errorReply, type Reply } from './reply.ts'

/** `POST /users/export/ids`: profiles by any identifier. Source: contract §8 and §15. */
export function exportIds(request: Json | undefined, profiles: Profiles): Reply {
  if (!isJsonObject(request)) return errorReply(400, 'Invalid JSON')
  const { external_ids, user_aliases, braze_id, email_address, phone, fields_to_export } = request
  const [ids, aliases] = [listOf(external_ids), listOf(user_aliases)]
  if (ids.length + aliases.length > endpoints.exportIds.objectsMax)
    return errorReply(400, 'Max Input Length Exceeded')
  // Of these a request has one each; how the API refuses a list is not documented.
  const singles = Object.entries({ braze_id, email_address, phone })
  const wrong = singles.find(([, value]) => value !== undefined && typeof value !== 'string')
  if (wrong !== undefined) return errorReply(400, `'${wrong[0]}' must be a string`)
  const requested: JsonObject[] = [
    ...ids.map(external_id => ({ external_id })),
    ...aliases.map(user_alias => ({ user_alias })),
    ...(braze_id === undefined ? [] : [{ braze_id }]),
    ...(email_address === undefined ? [] : [{ email: email_address }]),
    ...(phone === undefined ? [] : [{ phone }]),
  ]
  if (requested.length === 0) {
    return errorReply(
      400,
      "'external_ids', 'user_aliases', 'braze_id', 'email_address' or 'phone' is required",
    )
  }
  // Required of customers since August 2024; the sentence is assumed.
  if (!Array.isArray(fields_to_export) || fields_to_export.length === 0)
    return errorReply(400, "'fields_to_export' is required")
  const found = new Set(requested.flatMap(body => profiles.matching(body)))
  const invalid = ids.filter(external_id => profiles.find({ external_id }) === undefined)
  const users = [...found].map(profile => select(profile, fields_to_export))
  return {
    response: { status: 201, body: { message: 'success', users, invalid_user_ids: invalid } },
    written: null,
  }
}

/** Whether a request asks for so little that it gets the faster limit. */
export function isFastExport(request: Json | undefined): boolean {
  if (!isJsonObject(request) || !Array.isArray(request['fields_to_export'])) return false
  const names = request['fields_to_export']
  return (
    names.length > 0 && names.every(name => typeof name !== 'string' || exportFields[name]?.slow !== true)
  )
}

/** The requested fields; those that the profile does not have are null or empty, unknown names are left out. */
function select(profile: Profile, names: readonly Json[]): JsonObject {
  const whole = exported(profile)
  const fields = names.flatMap((name): [string, Json][] => {
    const field = typeof name === 'string' ? exportFields[name] : undefined
    if (field === undefined || typeof name !== 'string') return []
    const missing = field.missing === 'list' ? [] : field.missing === 'object' ? {} : null
    return [[name, whole[name] ?? missing]]
  })
  return Object.fromEntries(fields)
}

/** A profile in the forms of an export, which are not always those of a track object. */
function exported(profile: Profile): JsonObject {
  const { braze_id, external_id, user_aliases, standard, custom_attributes, custom_events, purchases } =
    profile
  const { current_location: place } = standard
  const coordinates = isJsonObject(place) ? [place['longitude'] ?? null, place['latitude'] ?? null] : null
  return {
    ...standard,
    ...(coordinates === null ? {} : { last_coordinates: coordinates }),
    ...(external_id === undefined ? {} : { external_id }),
    braze_id,
    user_aliases: user_aliases.map(alias => ({ ...alias })),
    custom_attributes,
    custom_events: custom_events.map(event => ({ ...event })),
    purchases: purchases.map(purchase => ({ ...purchase })),
  }
}

function listOf(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}
