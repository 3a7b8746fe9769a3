import { accepts, isDeviceId, isFilled, isGroupState } from '../braze/accepts.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { RequestError } from './reply.ts'

/**
 * Why a standard field makes the API reject an attributes object, for every code that is documented for `/users/track`.
 * The sentences of these errors have never been observed, so the code takes their place. Source: contract §3.2.
 */
export function standardFieldError(body: JsonObject): RequestError | undefined {
  for (const [name, check] of checks) {
    const value = body[name] ?? null
    const code = value === null ? undefined : check(value)
    if (code !== undefined) return { sentence: code }
  }
  return undefined
}

const checks: [string, (value: Json) => string | undefined][] = [
  ['email_subscription_info', () => 'INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO'],
  [
    'email_subscribe',
    value => (accepts.subscription.test(value) ? undefined : 'BAD_EMAIL_SUBSCRIPTION_STATE'),
  ],
  ['push_subscribe', value => (accepts.subscription.test(value) ? undefined : 'BAD_PUSH_SUBSCRIPTION_STATE')],
  ['subscription_groups', groupsError],
  ['current_location', locationError],
  ['push_tokens', deviceError],
]

function groupsError(groups: Json): string | undefined {
  if (!Array.isArray(groups)) return 'BAD_SUBSCRIPTION_GROUP_ARRAY'
  for (const group of groups) {
    if (!isJsonObject(group)) return 'BAD_SUBSCRIPTION_GROUP_HASH'
    const { subscription_group_id: id, subscription_state: state = null } = group
    if (!isFilled(id)) return 'BAD_SUBSCRIPTION_GROUP_ID'
    if (!isGroupState(state)) return 'BAD_SUBSCRIPTION_GROUP_STATE'
  }
  return undefined
}

function locationError(location: Json): string | undefined {
  const { longitude, latitude } = isJsonObject(location) ? location : {}
  return typeof longitude === 'number' && typeof latitude === 'number' ? undefined : 'BAD_LOCATION_UPDATE'
}

/** A device ID has 8 to 255 bytes, if there is one. */
function deviceError(tokens: Json): string | undefined {
  const ids = Array.isArray(tokens)
    ? tokens.flatMap(token => (isJsonObject(token) ? (token['device_id'] ?? []) : []))
    : []
  return ids.some(id => !isDeviceId(id)) ? 'BAD_DEVICE_ID' : undefined
}
