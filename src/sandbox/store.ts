import type { Readings } from '../braze/assumptions.ts'
import { brokenLimit, isStorableDate, isTooLong } from '../braze/broken-limits.ts'
import { limits } from '../braze/limits.ts'
import { formatMoment, readMoment } from '../braze/moments.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type Json } from '../model/json.ts'
import { coerce } from './forced-value.ts'
import { addToSet, changeItems, deepMerge } from './lists.ts'
import type { Pinned } from './rules.ts'

/** What determines how a value is stored. */
export interface StoreContext {
  readings: Readings
  now: number
  merge: boolean
  pinned: Pinned | undefined
}

/** The new value of a custom attribute; undefined if the update is dropped and the old value stays. */
export function storedValue(
  name: string,
  value: Exclude<Json, null>,
  old: Json | undefined,
  context: StoreContext,
): Json | undefined {
  const { readings, pinned } = context
  const coerced = pinned === undefined ? value : coerce(value, pinned, readings)
  if (coerced === undefined) return undefined
  const truncated = readings.longString === 'truncate' ? truncateText(coerced, readings) : coerced
  const broken = brokenLimit(name, truncated, readings)
  const isCut = broken === 'array_over_limit' && readings.arrayOverflow !== 'reject'
  if (broken !== undefined && !isCut) return undefined
  const stored = updatedValue(truncated, old, context)
  return stored === undefined || isTooLarge(stored) ? undefined : stored
}

/** Truncates text. No page says that text inside objects is truncated; it makes the API drop the whole object. */
export function truncateText(value: Json, readings: Readings): Json {
  if (typeof value !== 'string' || !isTooLong(value, readings)) return value
  const { max } = limits.stringCharacters
  if (readings.lengthUnit === 'code_points') return Array.from(value).slice(0, max).join('')
  // The cut must not leave half of a surrogate pair.
  return value.slice(0, max).replace(/[\ud800-\udbff]$/, '')
}

/** The time in milliseconds; undefined if the text is not a time or is stored as text. */
function storedTimeMs(text: string): number | undefined {
  return isStorableDate(text) ? readMoment(text)?.ms : undefined
}

/** The old page about clamping only mentions attributes, not times inside objects. */
function storedText(text: string, { readings, now }: StoreContext): string {
  const ms = storedTimeMs(text)
  if (ms === undefined) return text
  return formatMoment(readings.futureAttributes === 'clamp' ? Math.min(ms, now) : ms)
}

function updatedValue(value: Json, old: Json | undefined, context: StoreContext): Json | undefined {
  const { readings, merge, pinned } = context
  if (typeof value === 'string') return pinned === 'string' ? value : storedText(value, context)
  if (Array.isArray(value)) {
    if (value.some(isJsonObject)) return withUtcTimes(value)
    return addToSet([], value, readings.arrayMax, readings.arrayOverflow)
  }
  if (!isJsonObject(value)) return value
  const operation = operationOf(value)
  if (operation === undefined) {
    const object = withUtcTimes(value)
    return merge && isJsonObject(old) && isJsonObject(object) ? deepMerge(old, object) : object
  }
  if ('inc' in operation) return (typeof old === 'number' ? old : 0) + operation.inc
  const list = Array.isArray(old) ? old : []
  if ('$add' in operation) {
    const items = changeItems(list, withUtcTimes(operation) as typeof operation, merge)
    return items.length === 0 && !Array.isArray(old) ? undefined : items
  }
  return addToSet(list, operation.add ?? [], readings.arrayMax, 'keep_last', operation.remove ?? [])
}

/** Converts times inside objects to UTC. They keep their `$time`, so that text that looks like a time stays text. */
function withUtcTimes(value: Json): Json {
  if (isJsonObject(value) && typeof value['$time'] === 'string') {
    const ms = storedTimeMs(value['$time'])
    return ms === undefined ? value : { ...value, $time: formatMoment(ms) }
  }
  return mapNested(value, withUtcTimes)
}

function mapNested(value: Json, change: (inner: Json) => Json): Json {
  if (Array.isArray(value)) return value.map(change)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]))
}

/** An update that makes an attribute too large is dropped, however small it is. Source: contract §3.6. */
function isTooLarge(value: Json): boolean {
  if (typeof value !== 'object') return false
  const { max } = Array.isArray(value) ? limits.arrayBytes : limits.objectBytes
  return Buffer.byteLength(JSON.stringify(value)) > max
}
