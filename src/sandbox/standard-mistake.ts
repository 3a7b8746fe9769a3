import { accepts, isDeviceId, isFilled, isGroupState } from '../braze/accepts.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Mistake } from './reply.ts'

/**
 * Why an attributes object is refused for a standard field: the codes that are listed for `/users/track`, and no more.
 * No sentence of them was seen, so that the code is said in its place. Source: contract §3.2.
 */
export function standardMistake(body: JsonObject): Mistake | undefined {
  for (const [name, check] of checks) {
    const value = body[name] ?? null
    const wrong = value === null ? undefined : check(value)
    if (wrong !== undefined) return { sentence: wrong }
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
  ['subscription_groups', groupsMistake],
  ['current_location', locationMistake],
  ['push_tokens', deviceMistake],
]

function groupsMistake(groups: Json): string | undefined {
  if (!Array.isArray(groups)) return 'BAD_SUBSCRIPTION_GROUP_ARRAY'
  for (const group of groups) {
    if (!isJsonObject(group)) return 'BAD_SUBSCRIPTION_GROUP_HASH'
    const { subscription_group_id: id, subscription_state: state = null } = group
    if (!isFilled(id)) return 'BAD_SUBSCRIPTION_GROUP_ID'
    if (!isGroupState(state)) return 'BAD_SUBSCRIPTION_GROUP_STATE'
  }
  return undefined
}

function locationMistake(location: Json): string | undefined {
  const { longitude, latitude } = isJsonObject(location) ? location : {}
  return typeof longitude === 'number' && typeof latitude === 'number' ? undefined : 'BAD_LOCATION_UPDATE'
}

/** A device id, where there is one, has 8 to 255 bytes. */
function deviceMistake(tokens: Json): string | undefined {
  const ids = Array.isArray(tokens)
    ? tokens.flatMap(token => (isJsonObject(token) ? (token['device_id'] ?? []) : []))
    : []
  return ids.some(id => !isDeviceId(id)) ? 'BAD_DEVICE_ID' : undefined
}
