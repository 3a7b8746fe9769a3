import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Readings } from './assumptions.ts'
import { characters, limits } from './limits.ts'
import { type Moment, readMoment } from './moments.ts'
import { operationOf } from './operations.ts'

/** A limit that a requested value breaks, by the reason code it leads to. */
export type Broken =
  | 'string_too_long'
  | 'array_over_limit'
  | 'array_too_large'
  | 'object_too_large'
  | 'nested_invalid_dropped'
  | 'nested_year_dropped'
  | 'key_not_allowed'

/**
 * The limit an attribute breaks, if any; the first in the order in which the API would notice. One function for the
 * three who need it: the plan foretells by it, the sandbox acts by it, and the reconciler blames nothing else.
 */
export function brokenLimit(name: string, value: Json, readings: Readings): Broken | undefined {
  if (lengthOf(name, readings) > limits.attributeKeyCharacters.max) return 'key_not_allowed'
  if (typeof value === 'string') return isTooLong(value, readings) ? 'string_too_long' : undefined
  const operation = operationOf(value)
  if (operation !== undefined && 'add' in operation) return brokenList(operation.add ?? [], readings)
  if (operation !== undefined && '$add' in operation) {
    return brokenItems(
      [...operation.$add, ...operation.$update.map(item => item['$new_object'] ?? null)],
      readings,
    )
  }
  if (operation !== undefined) return undefined
  if (Array.isArray(value))
    return value.some(isJsonObject) ? brokenItems(value, readings) : brokenList(value, readings)
  if (!isJsonObject(value)) return undefined
  return sizeOf(value) > limits.objectBytes.max ? 'object_too_large' : brokenInside(value, readings)
}

/** Text that is too long to be stored. A moment is stored as a moment, however it was written. */
export function isTooLong(text: string, readings: Readings): boolean {
  return text.length > limits.stringCharacters.max && lengthOf(text, readings) > limits.stringCharacters.max
}

/** Whether this is a moment whose year the API keeps as one. Source: braze-docs user_attributes_object. */
export function isKeptMoment(text: string): boolean {
  const moment = readMoment(text)
  return moment !== undefined && isKept(moment)
}

export function isKept({ ms }: Moment): boolean {
  return ms < endOfKeptYears
}

const endOfKeptYears = Date.UTC(limits.dateYear.max + 1, 0)

export function lengthOf(text: string, { lengthUnit }: Readings): number {
  return lengthUnit === 'utf16' ? text.length : characters(text)
}

function brokenList(list: Json[], readings: Readings): Broken | undefined {
  if (sizeOf(list) > limits.arrayBytes.max) return 'array_too_large'
  return list.length > readings.arrayMax ? 'array_over_limit' : undefined
}

/** Lists of objects have no limit of their number, only of their size. */
function brokenItems(items: Json[], readings: Readings): Broken | undefined {
  if (sizeOf(items) > limits.arrayBytes.max) return 'array_too_large'
  return items.map(item => (isJsonObject(item) ? brokenInside(item, readings) : undefined)).find(Boolean)
}

/** What is not taken inside an object: nulls, wrong times, years out of range, keys and text out of bounds. */
function brokenInside(object: JsonObject, readings: Readings): Broken | undefined {
  for (const [key, value] of Object.entries(object)) {
    if (key === '$time') {
      if (typeof value !== 'string' || readMoment(value) === undefined) return 'nested_invalid_dropped'
      if (!isKeptMoment(value)) return 'nested_year_dropped'
      continue
    }
    if (key === '' || /[$. ]/.test(key) || lengthOf(key, readings) > limits.attributeKeyCharacters.max) {
      return 'key_not_allowed'
    }
    if (value === null) return 'nested_invalid_dropped'
    if (typeof value === 'string' && isTooLong(value, readings)) return 'string_too_long'
    const items = Array.isArray(value) ? value.filter(isJsonObject) : [value].filter(isJsonObject)
    const broken = items.map(item => brokenInside(item, readings)).find(Boolean)
    if (broken !== undefined) return broken
  }
  return undefined
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value))
}
