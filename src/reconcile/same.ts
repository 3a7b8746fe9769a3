import { isStorableDate } from '../braze/broken-limits.ts'
import { readMoment } from '../braze/moments.ts'
import { isJsonObject, type Json, type JsonObject, sameJson } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'

/** Why two values are the same although they are not written alike; undefined where they are not the same. */
export function sameness(requested: Json, returned: Json): ReasonCode | undefined {
  if (sameJson(requested, returned)) return 'exact'
  if (typeof requested === 'number' && typeof returned === 'number') {
    return sameNumber(requested, returned) ? 'number_form' : undefined
  }
  if (Array.isArray(requested) && Array.isArray(returned)) return sameList(requested, returned)
  const asked = momentText(requested)
  const held = momentText(returned)
  if (asked === undefined || held === undefined) return undefined
  // The text of a moment that was not kept as one is text.
  return asked === held && !isStorableDate(asked) ? undefined : sameDate(asked, held)
}

/**
 * Only the last bits of a double may differ: one side rounded it differently on its way through text. Whole numbers are
 * not rounded as long as they are safe, so two that differ are two.
 */
export function sameNumber(a: number, b: number): boolean {
  if (a === b) return true
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return false
  return Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * 2 ** -51
}

export function sameDate(requested: string, returned: string): ReasonCode | undefined {
  const asked = readMoment(requested)
  const held = readMoment(returned)
  if (asked === undefined || held === undefined || asked.ms !== held.ms) return undefined
  return asked.hasOffset ? 'date_same_instant' : 'date_utc_assumed'
}

/** The text of a moment, whether bare or as `{"$time": text}`, the form it must have inside objects. */
export function momentText(value: Json): string | undefined {
  if (typeof value === 'string') return value
  return timeOf(value)
}

/** The text inside `{"$time": text}`. */
export function timeOf(value: Json): string | undefined {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return undefined
  const text = value['$time']
  return typeof text === 'string' ? text : undefined
}

/** A list is a set with an order. Two texts of one moment may both be in it: the API compares elements as they are. */
function sameList(requested: Json[], returned: Json[]): ReasonCode | undefined {
  const askedKeys = requested.map(keyOf)
  const heldKeys = returned.map(keyOf)
  const inOrder = askedKeys.length === heldKeys.length && askedKeys.every((key, i) => key === heldKeys[i])
  // Only moments can be written otherwise and still be the same.
  if (inOrder) return 'date_same_instant'
  const asked = new Set(askedKeys)
  const held = new Set(heldKeys)
  const repeats = new Set(returned.map(item => JSON.stringify(item))).size < returned.length
  if (repeats || returned.length > requested.length || asked.size !== held.size) return undefined
  if (![...held].every(key => asked.has(key))) return undefined
  return returned.length < requested.length ? 'array_deduplicated' : 'array_order_only'
}

/** A value as text, so that it can be looked up; moments count by their instant, keys in any order. */
function keyOf(value: Json): string {
  const text = momentText(value)
  const moment = text === undefined ? undefined : readMoment(text)
  // Text is in quotation marks, so nothing else has this text.
  if (moment !== undefined) return `@${moment.ms}`
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const entries = Object.keys(value).toSorted()
  return `{${entries.map(key => `${JSON.stringify(key)}:${keyOf(value[key] ?? null)}`).join()}}`
}

/** Whether an element is in a list. */
export function includes(list: Json[], item: Json): boolean {
  return list.some(other => sameness(item, other) !== undefined)
}

/** Whether everything in `part` is in `whole`, however deep. */
export function isSubset(part: JsonObject, whole: JsonObject): boolean {
  return Object.entries(part).every(([key, value]) => {
    const held = Object.hasOwn(whole, key) ? whole[key] : undefined
    if (held === undefined) return false
    if (isJsonObject(value) && isJsonObject(held)) return isSubset(value, held)
    return sameness(value, held) !== undefined
  })
}

/** Whether two values are the same, moments inside objects being compared as moments. */
export function isSame(a: Json, b: Json): boolean {
  if (isJsonObject(a) && isJsonObject(b)) return isSubset(a, b) && isSubset(b, a)
  return sameness(a, b) !== undefined
}

/** How far the API's clock may be from ours when a time in the future was replaced by now. */
export const clockSkewMs = 5 * 60_000

/** Whether a moment is the one at which the response came. */
export function isNow(ms: number, at: number): boolean {
  return Math.abs(ms - at) <= clockSkewMs
}
