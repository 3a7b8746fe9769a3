import { accepts } from '../braze/accepts.ts'
import type { Readings } from '../braze/assumptions.ts'
import { isTooLong } from '../braze/broken-limits.ts'
import { fieldOf } from '../braze/fields.ts'
import { readMoment, sayMoment } from '../braze/moments.ts'
import type { Json } from '../model/json.ts'
import { cutText } from './store.ts'

/**
 * What a standard field then holds: null takes it away, undefined leaves it as it was. Only where a page says so is a
 * value changed: a country nobody knows becomes null, a time zone nobody knows is not set. Source: contract §3.2.
 */
export function storedStandard(name: string, value: Json, readings: Readings): Json | undefined {
  if (typeof value !== 'string') return value
  if (name === 'country') return countryCode(value) ?? null
  if (name === 'time_zone') return accepts.timeZone.test(value) ? value : undefined
  const moment = fieldOf('attributes', name)?.type === 'time' ? readMoment(value) : undefined
  if (moment !== undefined) return sayMoment(moment.ms)
  if (!isTooLong(value, readings)) return value
  return readings.longString === 'truncate' ? cutText(value, readings) : undefined
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
let codes: Map<string, string> | undefined

/** A two-letter code, or the English name of a country; the API maps other spellings as best it can. */
function countryCode(text: string): string | undefined {
  codes ??= allCodes()
  return codes.get(text.toUpperCase())
}

function allCodes(): Map<string, string> {
  const found = new Map<string, string>()
  for (const pair of letters.flatMap(a => letters.map(b => a + b))) {
    const name = /^X[^K]|^ZZ/.test(pair) ? undefined : regionNames.of(pair)
    if (name === undefined) continue
    // Old codes are known too, and lead to the one that holds: UK to GB.
    const code = new Intl.Locale(`und-${pair}`).region ?? pair
    found.set(pair, code).set(name.toUpperCase(), code)
  }
  return found
}
