import { isJsonObject, type Json } from '../model/json.ts'
import { utf8Bytes } from './limits.ts'
import { readMoment } from './moments.ts'

/** What a field accepts beyond its type: a description for people, and a test. */
export interface Accepts {
  words: string
  test: (value: Json) => boolean
}

/** The values that standard fields accept. Source: braze-docs user_attributes_object, post_user_track. */
export const accepts = {
  country: textThat('two letters such as US (ISO 3166-1)', text => twoLetters.test(text)),
  language: textThat('two letters such as en (ISO 639-1)', text => twoLetters.test(text)),
  gender: oneOf(['M', 'F', 'O', 'N', 'P']),
  birthday: textThat(
    'a day such as 1990-12-31',
    text => isoDate.test(text) && readMoment(text) !== undefined,
  ),
  timeZone: textThat('a time zone such as Europe/Madrid', isTimeZone),
  subscription: oneOf(['opted_in', 'subscribed', 'unsubscribed']),
  subscriptionGroups: listOf(
    'a list of {"subscription_group_id": "…", "subscription_state": "subscribed" or "unsubscribed"}',
    ({ subscription_group_id, subscription_state }) =>
      isFilled(subscription_group_id) && isGroupState(subscription_state),
  ),
  location: {
    words: '{"longitude": -180 to 180, "latitude": -90 to 90}',
    test: value =>
      isJsonObject(value) && isWithin(value['longitude'], 180) && isWithin(value['latitude'], 90),
  },
  pushTokens: listOf(
    'a list of {"app_id": "…", "token": "…"}; a device_id has 8 to 255 bytes',
    ({ app_id, token, device_id }) =>
      isFilled(app_id) && isFilled(token) && (device_id === undefined || isDeviceId(device_id)),
  ),
} as const satisfies Record<string, Accepts>

const twoLetters = /^[a-z]{2}$/i
const isoDate = /^\d{4}-\d{2}-\d{2}$/

const currencies = new Set(Intl.supportedValuesOf('currency'))

/** Whether this is an ISO 4217 currency code, in capitals. Source: braze-docs purchase_object. */
export function isCurrency(text: string): boolean {
  return currencies.has(text)
}

function textThat(words: string, test: (text: string) => boolean): Accepts {
  return { words, test: value => typeof value === 'string' && test(value) }
}

/** One of these words, case-sensitive. */
function oneOf(words: readonly string[]): Accepts {
  return { words: `one of ${words.join(', ')}`, test: value => words.some(word => word === value) }
}

type Item = Record<string, Json | undefined>

function listOf(words: string, test: (item: Item) => boolean): Accepts {
  return {
    words,
    test: value => Array.isArray(value) && value.every(item => isJsonObject(item) && test(item)),
  }
}

/** Subscription groups do not have the state `opted_in`. */
export function isGroupState(value: Json | undefined): boolean {
  return value === 'subscribed' || value === 'unsubscribed'
}

export function isFilled(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== ''
}

function isWithin(value: Json | undefined, max: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= max
}

/** A device ID has 8 to 255 bytes (`BAD_DEVICE_ID`). */
export function isDeviceId(value: Json): boolean {
  if (typeof value !== 'string') return false
  const bytes = utf8Bytes(value)
  return bytes >= 8 && bytes <= 255
}

const knownTimeZones = new Map(Intl.supportedValuesOf('timeZone').map(zone => [zone, true]))
const ianaForm = /^(?:UTC|GMT|[A-Z][A-Za-z]+(?:\/[A-Za-z0-9_+-]+)+)$/
/** Names in the style of Rails, such as `Eastern Time (US & Canada)` or `Madrid`. Braze publishes no list of them. */
const railsForm = /^\p{Lu}[\p{L}.&'()]*(?:[ -][\p{L}.&'()]+)*$/u

function isTimeZone(text: string): boolean {
  const known = knownTimeZones.get(text)
  if (known !== undefined) return known
  const valid = ianaForm.test(text) ? isIana(text) : railsForm.test(text)
  // The list lacks aliases such as Asia/Kolkata. Constructing a DateTimeFormat is slow, so results are cached.
  if (knownTimeZones.size < 5000) knownTimeZones.set(text, valid)
  return valid
}

function isIana(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
