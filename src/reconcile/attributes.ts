import { echoedAttributes } from '../model/echo.ts'
import { isCustomAttribute } from '../model/fields.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { characters, limits } from '../model/limits.ts'
import { type Operation, operationOf } from '../model/operation.ts'
import { valuesOf } from '../model/value.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { Memory } from './memory.ts'
import { includes, isSubset, sameness } from './same.ts'

/** One reason for each requested attribute, in the order of the request. */
export function judgeAttributes(
  user: string,
  body: JsonObject,
  echoed: JsonObject,
  memory: Memory,
): ReasonCode[] {
  const held = echoedAttributes(echoed) ?? {}
  return valuesOf('attributes', body).map(({ field, requested }) => {
    if (!isCustomAttribute(field)) return 'standard_field_not_echoed'
    const returned = Object.hasOwn(held, field) ? held[field] : undefined
    const name = `attributes ${field}`
    const reason = judge(requested, returned, body, memory.last(user, name))
    if (typeof returned === 'number') memory.remember(user, name, returned)
    else memory.forget(user, name)
    return reason
  })
}

function judge(
  requested: Json,
  returned: Json | undefined,
  body: JsonObject,
  last: number | undefined,
): ReasonCode {
  if (requested === null) return returned === undefined || returned === null ? 'null_removed' : 'unexplained'
  if (returned === undefined) return limitReason(requested, undefined) ?? 'key_missing'
  const operation = operationOf(requested)
  if (operation !== undefined) return judgeOperation(operation, returned, last)
  if (isJsonObject(requested)) {
    const merges = body['_merge_objects'] === true && isJsonObject(returned) && isSubset(requested, returned)
    if (merges) return sameness(requested, returned) ?? 'object_merged'
    // Moments inside come back in another form; the same keys and instants are the same object.
    if (isJsonObject(returned) && isSubset(requested, returned) && isSubset(returned, requested))
      return 'exact'
  }
  return sameness(requested, returned) ?? limitReason(requested, returned) ?? 'unexplained'
}

/** `inc`, `add` and `remove` are judged by what they promise. */
function judgeOperation(operation: Operation, returned: Json, last: number | undefined): ReasonCode {
  if ('inc' in operation) {
    if (last === undefined) return typeof returned === 'number' ? 'inc_baseline_unknown' : 'unexplained'
    return returned === last + operation.inc ? 'inc_confirmed' : 'unexplained'
  }
  if (!Array.isArray(returned)) return 'unexplained'
  const { add, remove } = operation
  // An element that is to be added and removed may be there or not: which comes first is not documented.
  const come = (add ?? []).filter(item => !includes(remove ?? [], item))
  const gone = (remove ?? []).filter(item => !includes(add ?? [], item))
  if (gone.some(item => includes(returned, item))) return 'unexplained'
  if (add === null) return 'array_removed'
  const there = come.every(item => includes(returned, item))
  return there ? 'array_added' : (limitReason(add, returned) ?? 'unexplained')
}

/** A limit is blamed only where the request broke it and the profile shows what breaking it does. */
function limitReason(requested: Json, returned: Json | undefined): ReasonCode | undefined {
  if (typeof requested === 'string' && characters(requested) > limits.stringCharacters.max) {
    const cut = typeof returned === 'string' && returned !== '' && requested.startsWith(returned)
    return cut ? 'string_truncated' : 'string_too_long'
  }
  if (Array.isArray(requested) && Array.isArray(returned) && requested.length > limits.arrayElements.max) {
    if (isEndOf(requested, returned) || isEndOf(asSet(requested), returned)) return 'array_over_limit'
  }
  return undefined
}

/** Whether `part` is the head or the tail of a longer list. */
function isEndOf(list: Json[], part: Json[]): boolean {
  if (part.length === 0 || part.length >= list.length) return false
  return [0, list.length - part.length].some(start =>
    part.every((item, i) => sameness(list[start + i] ?? null, item) !== undefined),
  )
}

/** The set a list becomes: an element that comes again counts at its last place. */
function asSet(list: Json[]): Json[] {
  const lastPlaces = new Map(list.map((item, i) => [JSON.stringify(item), i]))
  return list.filter((item, i) => lastPlaces.get(JSON.stringify(item)) === i)
}
