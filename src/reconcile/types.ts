import { isKeptMoment } from '../model/breaks.ts'
import { type Json, textOf } from '../model/json.ts'
import type { Readings } from '../model/readings.ts'
import { readMoment } from '../model/time.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { isNow } from './now.ts'
import { momentText, timeOf } from './same.ts'

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
  return textOf(requested) === returned ? 'coerced_string' : undefined
}

type Scalar = string | number | boolean

function isScalar(value: Json): value is Scalar {
  return value !== null && typeof value !== 'object'
}

function asBoolean(value: Scalar): boolean | undefined {
  const text = String(value).toLowerCase()
  if (['1', 'true', 't'].includes(text)) return true
  return ['0', 'false', 'f'].includes(text) ? false : undefined
}

/** Text with letters in it is no number to the API, so `1e5` is none. */
function asNumber(value: Scalar): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value) ? Number(value) : undefined
}

/**
 * Whether a moment was asked for and its text is held. Plain text that comes back as it was is no difference and is
 * found before; here it comes back with other spaces or in another case, which no moment does.
 */
function isKeptAsText(requested: Json, returned: Json): boolean {
  const text = momentText(requested)
  if (text === undefined || typeof returned !== 'string' || isKeptMoment(text)) return false
  if (timeOf(requested) === undefined && !looksLikeDate(text)) return false
  return bare(text) === bare(returned)
}

/** A year beside a month's name or between marks: `Mar 26 2026 06:12 PM +00:00`, `26.03.2026`. */
function looksLikeDate(text: string): boolean {
  if (text.length > 64 || !/\d{4}/.test(text)) return false
  return /\d[-/.]\d/.test(text) || /(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\W/i.test(text)
}

function bare(text: string): string {
  return text.replaceAll(/\s+/g, '').toLowerCase()
}

function isClamped(requested: Json, returned: Json, at: number): boolean {
  const asked = readMoment(momentText(requested) ?? '')?.ms
  const held = readMoment(momentText(returned) ?? '')?.ms
  return asked !== undefined && held !== undefined && asked > at && isNow(held, at)
}
