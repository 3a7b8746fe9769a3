import { accepts } from '../braze/accepts.ts'
import type { Readings } from '../braze/assumptions.ts'
import { isTooLong } from '../braze/broken-limits.ts'
import { fieldOf } from '../braze/fields.ts'
import { formatMoment, readMoment } from '../braze/moments.ts'
import type { Json } from '../model/json.ts'
import { truncateText } from './store.ts'

/**
 * The new value of a standard field: null removes it, undefined leaves it unchanged. Values are only converted where
 * the documentation says so: an unknown country becomes null, an unknown time zone is ignored. Source: contract §3.2.
 */
export function storedStandardValue(name: string, value: Json, readings: Readings): Json | undefined {
  if (typeof value !== 'string') return value
  if (name === 'country') return countryCode(value) ?? null
  if (name === 'time_zone') return accepts.timeZone.test(value) ? value : undefined
  const moment = fieldOf('attributes', name)?.type === 'time' ? readMoment(value) : undefined
  if (moment !== undefined) return formatMoment(moment.ms)
  if (!isTooLong(value, readings)) return value
  return readings.longString === 'truncate' ? truncateText(value, readings) : undefined
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
let countryCodes: Map<string, string> | undefined

/** The code for a two-letter code or English name; other spellings that the API may understand are not known. */
function countryCode(text: string): string | undefined {
  countryCodes ??= loadCountryCodes()
  return countryCodes.get(text.toUpperCase())
}

function loadCountryCodes(): Map<string, string> {
  const found = new Map<string, string>()
  for (const pair of letters.flatMap(a => letters.map(b => a + b))) {
    const name = /^X[^K]|^ZZ/.test(pair) ? undefined : regionNames.of(pair)
    if (name === undefined) continue
    // Deprecated codes lead to their replacement: UK to GB.
    const code = new Intl.Locale(`und-${pair}`).region ?? pair
    found.set(pair, code).set(name.toUpperCase(), code)
  }
  return found
}
