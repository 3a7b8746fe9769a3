import { accepts } from '../braze/accepts.ts'
import type { Readings } from '../braze/assumptions.ts'
import { isTooLong } from '../braze/broken-limits.ts'
import { countryCode } from '../braze/countries.ts'
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
