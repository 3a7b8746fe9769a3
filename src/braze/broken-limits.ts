import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Readings } from './assumptions.ts'
import { characters, limits } from './limits.ts'
import { type Moment, readMoment } from './moments.ts'
import { operationOf } from './operations.ts'

/** A limit that a requested value exceeds, named by the reason code that it leads to. */
export type BrokenLimit =
  | 'string_too_long'
  | 'array_over_limit'
  | 'array_too_large'
  | 'object_too_large'
  | 'nested_invalid_dropped'
  | 'nested_year_dropped'
  | 'key_not_allowed'

/**
 * The limit that an attribute exceeds; if there are several, the one the API would check first. The plan, the sandbox
 * and the reconciler share this function, so that they always agree.
 */
export function brokenLimit(name: string, value: Json, readings: Readings): BrokenLimit | undefined {
  if (lengthOf(name, readings) > limits.attributeKeyCharacters.max) return 'key_not_allowed'
  if (typeof value === 'string') return isTooLong(value, readings) ? 'string_too_long' : undefined
  const operation = operationOf(value)
  if (operation !== undefined && 'add' in operation) return brokenArrayLimit(operation.add ?? [], readings)
  if (operation !== undefined && '$add' in operation) {
    return brokenItemsLimit(
      [...operation.$add, ...operation.$update.map(item => item['$new_object'] ?? null)],
      readings,
    )
  }
  if (operation !== undefined) return undefined
  if (Array.isArray(value))
    return value.some(isJsonObject) ? brokenItemsLimit(value, readings) : brokenArrayLimit(value, readings)
  if (!isJsonObject(value)) return undefined
  return sizeOf(value) > limits.objectBytes.max ? 'object_too_large' : brokenNestedLimit(value, readings)
}

/** Whether text is too long to be stored. */
export function isTooLong(text: string, readings: Readings): boolean {
  return text.length > limits.stringCharacters.max && lengthOf(text, readings) > limits.stringCharacters.max
}

/**
 * Whether text is a date that the API stores as one: years out of range stay text. Source: braze-docs
 * user_attributes_object.
 */
export function isStorableDate(text: string): boolean {
  const moment = readMoment(text)
  return moment !== undefined && isStorable(moment)
}

export function isStorable({ ms }: Moment): boolean {
  return ms < storableUntil
}

const storableUntil = Date.UTC(limits.dateYear.max + 1, 0)

export function lengthOf(text: string, { lengthUnit }: Readings): number {
  return lengthUnit === 'utf16' ? text.length : characters(text)
}

function brokenArrayLimit(list: Json[], readings: Readings): BrokenLimit | undefined {
  if (sizeOf(list) > limits.arrayBytes.max) return 'array_too_large'
  return list.length > readings.arrayMax ? 'array_over_limit' : undefined
}

/** Arrays of objects are limited in size, but not in length. */
function brokenItemsLimit(items: Json[], readings: Readings): BrokenLimit | undefined {
  if (sizeOf(items) > limits.arrayBytes.max) return 'array_too_large'
  return items.map(item => (isJsonObject(item) ? brokenNestedLimit(item, readings) : undefined)).find(Boolean)
}

/** What is invalid inside an object: nulls, invalid times, years out of range, and keys and text over their limits. */
function brokenNestedLimit(object: JsonObject, readings: Readings): BrokenLimit | undefined {
  for (const [key, value] of Object.entries(object)) {
    if (key === '$time') {
      if (typeof value !== 'string' || readMoment(value) === undefined) return 'nested_invalid_dropped'
      if (!isStorableDate(value)) return 'nested_year_dropped'
      continue
    }
    if (key === '' || /[$. ]/.test(key) || lengthOf(key, readings) > limits.attributeKeyCharacters.max) {
      return 'key_not_allowed'
    }
    if (value === null) return 'nested_invalid_dropped'
    if (typeof value === 'string' && isTooLong(value, readings)) return 'string_too_long'
    const items = Array.isArray(value) ? value.filter(isJsonObject) : [value].filter(isJsonObject)
    const broken = items.map(item => brokenNestedLimit(item, readings)).find(Boolean)
    if (broken !== undefined) return broken
  }
  return undefined
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value))
}
