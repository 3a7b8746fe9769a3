import { type Readings, readings as questions } from '../braze/assumptions.ts'
import {
  type BrokenLimit,
  brokenLimit,
  isStorable,
  isStorableDate,
  isTooLong,
} from '../braze/broken-limits.ts'
import { looksLikeDate, startsWithMoment } from '../braze/date-like.ts'
import { type Field, fieldOf, reservedAttributes } from '../braze/fields.ts'
import { isIdentifier } from '../braze/identifiers.ts'
import { limits } from '../braze/limits.ts'
import { readMoment } from '../braze/moments.ts'
import { operationOf } from '../braze/operations.ts'
import type { Foreseen } from '../model/foreseen.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { sample } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'

/** The parts of a track object that decide; `raw` tells about how large it is. */
export type PlannedObject = Pick<TrackObject, 'kind' | 'body' | 'raw'>

/**
 * The values of a valid object that the API will accept but not store as requested: truncated, dropped or changed.
 * Limits are checked by `brokenLimit` alone, so that the plan predicts what the reconciler will report.
 */
export function notAsAsked(object: PlannedObject, readings: Readings, now: number): readonly Foreseen[] {
  const { kind, body } = object
  if (kind === null) return none
  const found: Foreseen[] = []
  if (kind === 'attributes') {
    for (const name of Object.keys(body)) checkAttribute(name, body[name] ?? null, readings, now, found)
    return found
  }
  const { time, properties } = body
  const moment = typeof time === 'string' ? readMoment(time) : undefined
  if (moment !== undefined && moment.ms > now) found.push(inFuture('time', time ?? null))
  if (isJsonObject(properties)) checkProperties(properties, object, readings, found)
  return found
}

const none: readonly Foreseen[] = []

function checkAttribute(name: string, value: Json, readings: Readings, now: number, found: Foreseen[]): void {
  if (value === null || isIdentifier(name)) return
  const field = fieldOf('attributes', name)
  if (field !== undefined) return checkStandardField(name, field, value, found)
  if (reservedAttributes.get(name) === 'dropped') {
    found.push({ field: name, reason: 'reserved', message: `\`${name}\` is never stored as an attribute.` })
    return
  }
  const broken = isWithinLimits(name, value) ? undefined : brokenLimit(name, value, readings)
  if (broken !== undefined) found.push(limitExceeded(name, value, broken, readings))
  if (typeof value === 'string') checkDate(name, value, found)
  else if (isJsonObject(value)) checkOperator(name, value, found)
  // Dates with a year out of range are stored as text, which is not clamped.
  if (readings.futureAttributes === 'clamp' && typeof value === 'string' && isStorableDate(value)) {
    const moment = readMoment(value)
    if (moment !== undefined && moment.ms > now) found.push(inFuture(name, value))
  }
}

/** A fast path: most values are short. */
function isWithinLimits(name: string, value: Json): boolean {
  if (name.length > limits.attributeKeyCharacters.max) return false
  return typeof value === 'string' ? value.length <= limits.stringCharacters.max : typeof value !== 'object'
}

function checkStandardField(
  name: string,
  { accepts, onInvalid }: Field,
  value: Json,
  found: Foreseen[],
): void {
  if (accepts === undefined || onInvalid === 'refused' || accepts.test(value)) return
  const reason = onInvalid === 'dropped' ? 'field_dropped' : 'field_unclear'
  found.push({
    field: name,
    reason,
    message: `\`${name}\` should be ${accepts.words}; it is ${sample(value)}.`,
  })
}

function limitExceeded(field: string, value: Json, broken: BrokenLimit, readings: Readings): Foreseen {
  const reason = broken === 'string_too_long' && isTruncated(value, readings) ? 'string_truncated' : broken
  return { field, reason, message: `\`${field}\` ${explain(reason, value, readings)}.` }
}

/** Only text that is the whole value can be truncated; inside an object it makes the API drop the object. */
function isTruncated(value: Json, { longString }: Readings): boolean {
  return typeof value === 'string' && longString === 'truncate'
}

function explain(reason: BrokenLimit | 'string_truncated', value: Json, readings: Readings): string {
  switch (reason) {
    case 'string_too_long':
      return `contains text of more than ${limits.stringCharacters.max} characters and will not be updated`
    case 'string_truncated':
      return `has more than ${limits.stringCharacters.max} characters and will be cut`
    case 'array_over_limit':
      return `has ${arrayLength(value)} elements; ${overflow[readings.arrayOverflow](readings.arrayMax)}`
    case 'array_too_large':
      return `is a list of more than ${limits.arrayBytes.max} bytes and will not be updated`
    case 'object_too_large':
      return `is an object of more than ${limits.objectBytes.max} bytes and will not be updated`
    case 'nested_invalid_dropped':
      return readings.nestedInvalid === 'all_nested'
        ? 'contains a null or an invalid time; all objects and lists of objects of the row will be dropped'
        : 'contains a null or an invalid time and will not be updated'
    case 'nested_year_dropped':
      return `contains a time after the year ${limits.dateYear.max} and will not be updated`
    case 'key_not_allowed':
      return 'contains a name that is empty or too long, or that contains $, a dot or a space'
  }
}

const overflow: Record<Readings['arrayOverflow'], (max: number) => string> = {
  keep_last: max => `the last ${max} are kept`,
  keep_first: max => `the first ${max} are kept`,
  reject: max => `with more than ${max} it will not be updated`,
}

function arrayLength(value: Json): number {
  const list = isJsonObject(value) ? value['add'] : value
  return Array.isArray(list) ? list.length : 0
}

/** A date that is stored as text, because its year is out of range or the API does not recognise its form. */
function checkDate(field: string, text: string, found: Foreseen[]): void {
  if (!looksLikeDate(text)) return
  const moment = readMoment(text)
  if (moment === undefined ? startsWithMoment(text) : isStorable(moment)) return
  const reason =
    moment !== undefined
      ? `its year is after ${limits.dateYear.max}`
      : 'the API does not read this date format'
  const message = `\`${field}\` is ${sample(text)} and stays text: ${reason}.`
  found.push({ field, reason: 'date_unread', message })
}

function inFuture(field: string, value: Json): Foreseen {
  return {
    field,
    reason: 'future_clamped',
    message: `\`${field}\` is ${sample(value)}, in the future; the current time is stored instead.`,
  }
}

const operators = new Set(['inc', 'add', 'remove', '$add', '$remove', '$update'])

/** An object that is or resembles an operation; whoever meant it as a plain object should know. */
function checkOperator(field: string, value: JsonObject, found: Foreseen[]): void {
  const keysUsed = Object.keys(value).filter(key => operators.has(key))
  if (keysUsed.length === 0) return
  const keys = keysUsed.join(', ')
  if (operationOf(value) !== undefined) {
    found.push({ field, reason: 'operation', message: `\`${field}\` is read as the operation ${keys}.` })
  } else {
    const message = `\`${field}\` is ${sample(value)}: it has the key ${keys} of an operation but is not one.`
    found.push({ field, reason: 'operator_by_accident', message })
  }
}

/** 50 KB, the smaller of the two documented limits. */
const largeBytes = Math.min(...questions.purchasePropertiesBytes.others)

function checkProperties(
  properties: JsonObject,
  { kind, raw }: PlannedObject,
  readings: Readings,
  found: Foreseen[],
): void {
  const names = Object.keys(properties)
  if (names.length > limits.propertyCount.max) {
    const message = `The row has ${names.length} properties; the first ${limits.propertyCount.max} are kept.`
    found.push({ field: 'properties', reason: 'properties_over_limit', message })
  }
  for (const name of names) {
    const value = properties[name]
    if (typeof value !== 'string') continue
    const field = `properties.${name}`
    if (isTooLong(value, readings)) {
      const message = `\`${field}\` has more than ${limits.stringCharacters.max} characters.`
      found.push({ field, reason: 'property_too_long', message })
    }
    checkDate(field, value, found)
  }
  // Measuring is as expensive as sending, so only properties of large records are measured.
  const bytes =
    kind === 'purchases' && raw.length * 8 > largeBytes ? Buffer.byteLength(JSON.stringify(properties)) : 0
  if (bytes > largeBytes) {
    const message = `The properties have ${bytes} bytes; one page of the documentation allows ${largeBytes}.`
    found.push({ field: 'properties', reason: 'properties_large', message })
  }
}
