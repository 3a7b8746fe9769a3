import type { Readings } from '../braze/assumptions.ts'
import { brokenLimit, isKeptMoment, isTooLong } from '../braze/broken-limits.ts'
import { limits } from '../braze/limits.ts'
import { readMoment, sayMoment } from '../braze/moments.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type Json } from '../model/json.ts'
import { addToSet, changeItems, deepMerge } from './lists.ts'
import type { Pinned } from './rules.ts'
import { coerce } from './store-value.ts'

/** What decides how a value is stored. */
export interface Writing {
  readings: Readings
  now: number
  merge: boolean
  pinned: Pinned | undefined
}

/** What a custom attribute then holds; undefined where the update is dropped and the old value stays. */
export function storedValue(
  name: string,
  value: Exclude<Json, null>,
  old: Json | undefined,
  writing: Writing,
): Json | undefined {
  const { readings, pinned } = writing
  const taken = pinned === undefined ? value : coerce(value, pinned, readings)
  if (taken === undefined) return undefined
  const cut = readings.longString === 'truncate' ? cutText(taken, readings) : taken
  const broken = brokenLimit(name, cut, readings)
  const capped = broken === 'array_over_limit' && readings.arrayOverflow !== 'reject'
  if (broken !== undefined && !capped) return undefined
  const stored = changed(cut, old, writing)
  return stored === undefined || isTooLarge(stored) ? undefined : stored
}

/** Text cut to what may be kept. Of text inside objects no page says that it is cut; it takes the object with it. */
export function cutText(value: Json, readings: Readings): Json {
  if (typeof value !== 'string' || !isTooLong(value, readings)) return value
  const { max } = limits.stringCharacters
  if (readings.lengthUnit === 'code_points') return Array.from(value).slice(0, max).join('')
  // Half a character at the cut is no character.
  return value.slice(0, max).replace(/[\ud800-\udbff]$/, '')
}

/** A moment as it is kept; undefined where the text is none, or one that stays text. */
function keptMoment(text: string): number | undefined {
  return isKeptMoment(text) ? readMoment(text)?.ms : undefined
}

/** The old page that clamps speaks of attributes; of times inside objects no page says it. */
function keptText(text: string, { readings, now }: Writing): string {
  const ms = keptMoment(text)
  if (ms === undefined) return text
  return sayMoment(readings.futureAttributes === 'clamp' ? Math.min(ms, now) : ms)
}

function changed(value: Json, old: Json | undefined, writing: Writing): Json | undefined {
  const { readings, merge, pinned } = writing
  if (typeof value === 'string') return pinned === 'string' ? value : keptText(value, writing)
  if (Array.isArray(value)) {
    if (value.some(isJsonObject)) return withMoments(value)
    return addToSet([], value, readings.arrayMax, readings.arrayOverflow)
  }
  if (!isJsonObject(value)) return value
  const operation = operationOf(value)
  if (operation === undefined) {
    const object = withMoments(value)
    return merge && isJsonObject(old) && isJsonObject(object) ? deepMerge(old, object) : object
  }
  if ('inc' in operation) return (typeof old === 'number' ? old : 0) + operation.inc
  const list = Array.isArray(old) ? old : []
  if ('$add' in operation) {
    const items = changeItems(list, withMoments(operation) as typeof operation, merge)
    return items.length === 0 && !Array.isArray(old) ? undefined : items
  }
  return addToSet(list, operation.add ?? [], readings.arrayMax, 'keep_last', operation.remove ?? [])
}

/** Moments inside objects, in UTC. They keep their `$time`, so that text that looks like one stays text. */
function withMoments(value: Json): Json {
  if (isJsonObject(value) && typeof value['$time'] === 'string') {
    const ms = keptMoment(value['$time'])
    return ms === undefined ? value : { ...value, $time: sayMoment(ms) }
  }
  return mapInside(value, withMoments)
}

function mapInside(value: Json, change: (inner: Json) => Json): Json {
  if (Array.isArray(value)) return value.map(change)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]))
}

/** A change that would make an attribute too large is dropped, however small the change. Source: contract §3.6. */
function isTooLarge(value: Json): boolean {
  if (typeof value !== 'object') return false
  const { max } = Array.isArray(value) ? limits.arrayBytes : limits.objectBytes
  return Buffer.byteLength(JSON.stringify(value)) > max
}
