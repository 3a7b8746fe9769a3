import type { Readings } from '../braze/assumptions.ts'
import { isStorableDate } from '../braze/broken-limits.ts'
import { looksLikeDate } from '../braze/date-like.ts'
import { asBoolean, asNumber, asText, type Scalar } from '../braze/forced-types.ts'
import { readMoment } from '../braze/moments.ts'
import type { Json } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { isNow, momentText, timeOf } from './same.ts'

/** What became of a value that the profile holds in another form, where a rule gives exactly the value returned. */
export function changedForm(
  requested: Json,
  returned: Json,
  at: number,
  readings: Readings,
): ReasonCode | undefined {
  if (isKeptAsText(requested, returned)) return 'date_kept_as_string'
  if (readings.futureAttributes === 'clamp' && isClamped(requested, returned, at)) return 'future_clamped'
  return readings.forcedType === 'coerce' ? coercion(requested, returned) : undefined
}

/**
 * Whether the attribute must be forced to a type that the value does not fit: what it holds is of another type, and no
 * coercion would have made the value fit that type. Where one would have, it would have been taken, and the reason is
 * another.
 */
export function isTypeRejected(requested: Json, returned: Json, readings: Readings): boolean {
  if (!isScalar(requested) || returned === null || typeof requested === typeof returned) return false
  if (readings.forcedType === 'reject') return true
  if (typeof returned === 'boolean') return asBoolean(requested) === undefined
  if (typeof returned === 'number') return asNumber(requested) === undefined
  // Any scalar has its text; none is a list or an object.
  return typeof returned === 'object'
}

/** The table of forced types. Source: braze-docs managing_custom_data. */
function coercion(requested: Json, returned: Json): ReasonCode | undefined {
  if (!isScalar(requested) || typeof requested === typeof returned) return undefined
  if (typeof returned === 'boolean') return asBoolean(requested) === returned ? 'coerced_boolean' : undefined
  if (typeof returned === 'number') return asNumber(requested) === returned ? 'coerced_number' : undefined
  return asText(requested) === returned ? 'coerced_string' : undefined
}

function isScalar(value: Json): value is Scalar {
  return value !== null && typeof value !== 'object'
}

/**
 * Whether a moment was asked for and its text is held. Plain text that comes back as it was is no difference and is
 * found before; here it comes back with other spaces or in another case, which no moment does.
 */
function isKeptAsText(requested: Json, returned: Json): boolean {
  const text = momentText(requested)
  if (text === undefined || typeof returned !== 'string' || isStorableDate(text)) return false
  if (timeOf(requested) === undefined && !looksLikeDate(text)) return false
  return bare(text) === bare(returned)
}

function bare(text: string): string {
  return text.replaceAll(/\s+/g, '').toLowerCase()
}

function isClamped(requested: Json, returned: Json, at: number): boolean {
  const asked = readMoment(momentText(requested) ?? '')?.ms
  const held = readMoment(momentText(returned) ?? '')?.ms
  return asked !== undefined && held !== undefined && asked > at && isNow(held, at)
}
