import { isJsonObject, type Json, type JsonObject, sameJson } from '../model/json.ts'
import { readMoment } from '../model/time.ts'
import type { ReasonCode } from '../model/verdict.ts'

/** Why two values are the same although they are not written alike; undefined where they are not the same. */
export function sameness(requested: Json, returned: Json): ReasonCode | undefined {
  if (sameJson(requested, returned)) return 'exact'
  if (typeof requested === 'number' && typeof returned === 'number') {
    return sameNumber(requested, returned) ? 'number_form' : undefined
  }
  if (typeof requested === 'string' && typeof returned === 'string') return sameDate(requested, returned)
  if (Array.isArray(requested) && Array.isArray(returned)) return sameList(requested, returned)
  return undefined
}

/**
 * Only the last bits of a double may differ: one side rounded it differently on its way through text. Whole numbers are
 * not rounded as long as they are safe, so two that differ are two.
 */
function sameNumber(a: number, b: number): boolean {
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return false
  return Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * 2 ** -51
}

export function sameDate(requested: string, returned: string): ReasonCode | undefined {
  const asked = readMoment(requested)
  const held = readMoment(returned)
  if (asked === undefined || held === undefined || asked.ms !== held.ms) return undefined
  return asked.hasOffset ? 'date_same_instant' : 'date_utc_assumed'
}

/** A list is a set with an order. Two texts of one moment may both be in it: the API compares elements as they are. */
function sameList(requested: Json[], returned: Json[]): ReasonCode | undefined {
  const asked = new Set(keys(requested))
  const held = new Set(keys(returned))
  const repeats = new Set(returned.map(item => JSON.stringify(item))).size < returned.length
  if (repeats || returned.length > requested.length || asked.size !== held.size) return undefined
  if (![...held].every(key => asked.has(key))) return undefined
  return returned.length < requested.length ? 'array_deduplicated' : 'array_order_only'
}

/** Elements as text, so that they can be looked up; moments count by their instant. */
function keys(list: Json[]): string[] {
  return list.map(item => {
    const moment = typeof item === 'string' ? readMoment(item) : undefined
    return moment === undefined ? JSON.stringify(item) : `@${moment.ms}`
  })
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
