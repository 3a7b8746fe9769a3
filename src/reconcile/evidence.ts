import type { Readings } from '../braze/assumptions.ts'
import { countryCode } from '../braze/countries.ts'
import { fieldOf, isCustomAttribute } from '../braze/fields.ts'
import { type Operation, operationOf } from '../braze/operations.ts'
import { readMoment } from '../braze/moments.ts'
import { isJsonObject, type Json, sameJson } from '../model/json.ts'
import { type ReasonCode, reasons } from '../model/verdict.ts'
import { asSet } from './limit-reasons.ts'
import { includes, momentText, sameNumber } from './same.ts'

/**
 * What one attribute of a profile says of a request that may have been applied. `there`: as the request leaves it, so
 * applying it (again) changes nothing. `other value`, `no value`: the request would have left it otherwise. `added`, `not
 * added`: a number that the request changes has its new value, or its old one. `either`: it can be the state before or
 * after. `nothing`: no export shows it, or the request does not change it.
 */
export type Evidence = 'there' | 'other value' | 'no value' | 'added' | 'not added' | 'either' | 'nothing'

export interface AttributeSeen {
  field: string
  requested: Json
  /** What the profile holds; null for nothing. */
  held: Json
  /** The number that it held before the request, where that is known. */
  before: number | undefined
  /** What the value is judged. */
  reason: ReasonCode
}

export function evidenceOf(seen: AttributeSeen, readings: Readings): Evidence {
  const { field, requested, held, reason } = seen
  const operation = isCustomAttribute(field) ? operationOf(requested) : undefined
  if (operation !== undefined && 'inc' in operation) return ofIncrement(operation.inc, seen)
  if (reason === 'unexplained' || reason === 'key_missing') return ofDifference(seen)
  if (leavesOldValue(reason, readings)) return 'nothing'
  if (reasons[reason].counts !== 'match' || reason === 'empty_as_absent') return 'either'
  if (operation !== undefined) return isDone(operation, held) ? 'there' : 'either'
  // A standard field in another form is the same value; a custom attribute is only if nothing about it would change.
  if (!isCustomAttribute(field) || requested === null) return 'there'
  return isLeftAs(requested, held) ? 'there' : 'either'
}

function ofIncrement(inc: number, { held, before }: AttributeSeen): Evidence {
  if (inc === 0) return typeof held === 'number' ? 'nothing' : 'either'
  // An increment makes a number where there is none.
  if (held === null && (before ?? 0) === 0) return before === undefined ? 'no value' : 'not added'
  if (before === undefined || typeof held !== 'number' || sameNumber(before, before + inc)) return 'either'
  if (sameNumber(held, before + inc)) return 'added'
  return sameNumber(held, before) ? 'not added' : 'either'
}

/** A value that the field may not take, and a token that may belong to another user now, prove nothing by not being there. */
function ofDifference({ field, requested, held }: AttributeSeen): Evidence {
  if (field === 'push_tokens' || !isAccepted(field, requested)) return 'either'
  return held === null ? 'no value' : 'other value'
}

function isAccepted(field: string, requested: Json): boolean {
  if (requested === null) return true
  // A country may also have its name.
  if (field === 'country') return typeof requested === 'string' && countryCode(requested) !== undefined
  return fieldOf('attributes', field)?.accepts?.test(requested) ?? true
}

/** Whether the request broke a limit so that the profile keeps what it held. */
function leavesOldValue(reason: ReasonCode, { longString }: Readings): boolean {
  return reason === 'string_too_long' ? longString === 'keep_old' : dropped.has(reason)
}

const dropped: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'not_exported',
  'standard_value_dropped',
  'array_too_large',
  'object_too_large',
  'nested_invalid_dropped',
  'nested_year_dropped',
  'key_not_allowed',
])

/** Whether the operation would change nothing about this list. What it adds goes to the end, and `$add` always adds. */
function isDone(operation: Exclude<Operation, { inc: number }>, held: Json): boolean {
  if (!Array.isArray(held)) return false
  if ('$add' in operation) return operation.$add.length === 0
  const { add, remove } = operation
  const added = asSet(add ?? [])
  if (added.some(item => includes(remove ?? [], item))) return false
  return sameJson(held.slice(held.length - added.length), added)
}

/**
 * Whether setting or merging the value would leave what is held. The value was found to be there; this is about its lists,
 * in which the order counts.
 */
function isLeftAs(requested: Json, held: Json): boolean {
  if (Array.isArray(requested)) {
    if (!Array.isArray(held)) return false
    const list = requested.some(isJsonObject) ? requested : asSet(requested)
    return list.length === held.length && list.every((item, i) => isLeftAs(item, held[i] ?? null))
  }
  if (typeof requested === 'number' && typeof held === 'number') return sameNumber(requested, held)
  const [asked, found] = [momentOf(requested), momentOf(held)]
  if (asked !== undefined && asked === found) return true
  if (!isJsonObject(requested) || !isJsonObject(held)) return sameJson(requested, held)
  return Object.entries(requested).every(
    ([key, value]) => Object.hasOwn(held, key) && isLeftAs(value, held[key] ?? null),
  )
}

function momentOf(value: Json): number | undefined {
  return readMoment(momentText(value) ?? '')?.ms
}
