import type { Readings } from '../braze/assumptions.ts'
import { type BrokenLimit, brokenLimit, isTooLong, lengthOf } from '../braze/broken-limits.ts'
import { isCustomAttribute } from '../braze/fields.ts'
import { limits } from '../braze/limits.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { isSame, sameness } from './same.ts'

/** The limits that one request breaks. One is blamed only where the profile shows what breaking it does. */
export class RequestLimits {
  readonly #body: JsonObject
  readonly #readings: Readings
  #dropsNested: boolean | undefined

  constructor(body: JsonObject, readings: Readings) {
    this.#body = body
    this.#readings = readings
  }

  /** Why this attribute is not what was asked, where a limit explains it. `returned` is undefined where it is absent. */
  reasonFor(name: string, requested: Json, returned: Json | undefined): ReasonCode | undefined {
    const broken = brokenLimit(name, requested, this.#readings)
    if (broken !== undefined) return looksLike(broken, name, requested, returned, this.#readings)
    return isNested(requested) && this.#allNestedDropped() ? 'nested_invalid_dropped' : undefined
  }

  /** Whether the request breaks any limit here, whatever the profile shows: then the name is not the trouble. */
  isBroken(name: string, requested: Json): boolean {
    return brokenLimit(name, requested, this.#readings) !== undefined
  }

  /** One page says that an invalid value inside one object drops every nested update of the request. */
  #allNestedDropped(): boolean {
    this.#dropsNested ??=
      this.#readings.nestedInvalid === 'all_nested' &&
      Object.entries(this.#body).some(
        ([name, value]) =>
          isCustomAttribute(name) && brokenLimit(name, value, this.#readings) === 'nested_invalid_dropped',
      )
    return this.#dropsNested
  }
}

/** The request broke the limit; here only the returned value is looked at. Any other value may be the old one. */
function looksLike(
  broken: BrokenLimit,
  name: string,
  requested: Json,
  returned: Json | undefined,
  readings: Readings,
): ReasonCode | undefined {
  switch (broken) {
    case 'string_too_long':
      return isCutInside(requested, returned, readings) ? 'string_truncated' : broken
    case 'array_over_limit':
      if (Array.isArray(returned) && isCutList(listOf(requested), returned)) return broken
      return readings.arrayOverflow === 'reject' ? broken : undefined
    case 'key_not_allowed': {
      // A name that is too long cannot have an old value.
      const isNameTooLong = lengthOf(name, readings) > limits.attributeKeyCharacters.max
      return isNameTooLong && returned !== undefined ? undefined : broken
    }
    case 'array_too_large':
    case 'object_too_large':
    case 'nested_invalid_dropped':
    case 'nested_year_dropped':
      return broken
  }
}

/** Whether the value, or each item that was to be added, is there with its long texts cut. */
function isCutInside(requested: Json, returned: Json | undefined, readings: Readings): boolean {
  if (returned === undefined) return false
  const operation = operationOf(requested)
  if (operation === undefined || !('$add' in operation)) return isCut(requested, returned, readings)
  const { $add } = operation
  return (
    $add.length > 0 &&
    Array.isArray(returned) &&
    $add.every(item => returned.some(held => isCut(item, held, readings)))
  )
}

/** Whether long texts, by themselves or inside objects, came back truncated, and all else as it was; a merged object has more. */
function isCut(requested: Json, returned: Json, readings: Readings): boolean {
  if (typeof requested === 'string' && isTooLong(requested, readings)) {
    const shorter = typeof returned === 'string' && returned !== '' && returned.length < requested.length
    return shorter ? requested.startsWith(returned) : false
  }
  if (Array.isArray(requested) && Array.isArray(returned)) {
    if (requested.length !== returned.length) return false
    return requested.every((item, i) => isCut(item, returned[i] ?? null, readings))
  }
  if (!isJsonObject(requested) || !isJsonObject(returned)) return isSame(requested, returned)
  return Object.keys(requested).every(
    key => Object.hasOwn(returned, key) && isCut(requested[key] ?? null, returned[key] ?? null, readings),
  )
}

/** The list that is set or added. */
function listOf(requested: Json): Json[] {
  if (Array.isArray(requested)) return requested
  const operation = operationOf(requested)
  return operation !== undefined && 'add' in operation ? (operation.add ?? []) : []
}

function isCutList(requested: Json[], returned: Json[]): boolean {
  return isEndOf(requested, returned) || isEndOf(asSet(requested), returned)
}

/** Whether `part` is the head or the tail of a longer list. */
function isEndOf(list: Json[], part: Json[]): boolean {
  if (part.length === 0 || part.length >= list.length) return false
  return [0, list.length - part.length].some(start =>
    part.every((item, i) => sameness(list[start + i] ?? null, item) !== undefined),
  )
}

/** The set a list becomes: an element that comes again counts at its last place. */
export function asSet(list: Json[]): Json[] {
  const lastPlaces = new Map(list.map((item, i) => [JSON.stringify(item), i]))
  return list.filter((item, i) => lastPlaces.get(JSON.stringify(item)) === i)
}

/** An object, a list of objects, or a change of one. */
function isNested(value: Json): boolean {
  const operation = operationOf(value)
  if (operation !== undefined) return '$add' in operation
  return Array.isArray(value) ? value.some(isJsonObject) : isJsonObject(value)
}
