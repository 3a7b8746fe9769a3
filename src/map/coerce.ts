import { DateTime } from 'luxon'
import { readMoment } from '../braze/moments.ts'
import { readExactJson } from '../model/exact-json.ts'
import { isExactNumber } from '../model/exact-number.ts'
import type { Json } from '../model/json.ts'
import type { ColumnType } from './column-types.ts'
import type { ColumnRule } from './mapping.ts'

/** The value of a cell, or a description of what was expected. */
export type Coerced = { value: Json } | { expected: string }

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const trueWords = ['true', 't', 'yes', 'y', '1']
const falseWords = ['false', 'f', 'no', 'n', '0']

/** Converts the text of a cell to the declared type of its column. */
export function coerce(text: string, type: ColumnType, rule: ColumnRule = {}): Coerced {
  switch (type) {
    case 'string':
      return { value: text }
    case 'number':
      return toNumber(text)
    case 'integer':
      return toInteger(text)
    case 'boolean':
      return toBoolean(text, rule)
    case 'time':
      return toTime(text, rule)
    case 'string[]':
      return toList(text, rule, 'string', part => ({ value: part }))
    case 'number[]':
      return toList(text, rule, 'number', toNumber)
    case 'json':
      return toJson(text)
  }
}

function toNumber(text: string): Coerced {
  const trimmed = text.trim()
  if (!decimal.test(trimmed)) return { expected: 'a number such as 12.5' }
  if (!isExactNumber(trimmed)) return { expected: 'a number of at most 17 digits (or the type string)' }
  return { value: Number(trimmed) }
}

function toInteger(text: string): Coerced {
  const number = toNumber(text)
  if (!('value' in number)) return { expected: 'a whole number' }
  return Number.isSafeInteger(number.value) ? number : { expected: 'a whole number' }
}

function toBoolean(text: string, rule: ColumnRule): Coerced {
  const isDeclared = rule.true !== undefined || rule.false !== undefined
  const cell = isDeclared ? text : text.trim().toLowerCase()
  if ((isDeclared ? (rule.true ?? []) : trueWords).includes(cell)) return { value: true }
  if ((isDeclared ? (rule.false ?? []) : falseWords).includes(cell)) return { value: false }
  const words = isDeclared
    ? [...(rule.true ?? []), ...(rule.false ?? [])]
    : ['true', 'false', 'yes', 'no', '1', '0']
  return { expected: `one of ${words.join(', ')}` }
}

/**
 * Times are sent unchanged if the API recognises their form; with a declared format or zone they are sent as ISO 8601.
 */
function toTime(text: string, { format, zone }: ColumnRule): Coerced {
  const cell = text.trim()
  const moment = format === undefined ? readMoment(cell) : undefined
  if (format === undefined && moment === undefined)
    return { expected: 'an ISO 8601 time such as 2022-12-06T19:20:45Z' }
  if (format === undefined && (zone === undefined || moment?.hasOffset === true)) return { value: cell }
  const options = { zone: zone ?? 'UTC', locale: 'en', setZone: true }
  const time =
    format === undefined
      ? DateTime.fromISO(cell.replace(' ', 'T'), options)
      : DateTime.fromFormat(cell, format, options)
  const iso = time.toISO({ suppressMilliseconds: true })
  return iso === null ? { expected: `a time written ${format ?? 'in ISO 8601'}` } : { value: iso }
}

/** `a|b` or a JSON array; with a declared separator, only that. */
function toList(
  text: string,
  rule: ColumnRule,
  elementType: 'string' | 'number',
  coerceElement: (part: string) => Coerced,
): Coerced {
  if (rule.separator === undefined && text.trimStart().startsWith('[')) {
    const list = toJson(text)
    const fits =
      'value' in list && Array.isArray(list.value) && list.value.every(item => typeof item === elementType)
    return fits ? list : { expected: `a JSON array of ${elementType}s` }
  }
  const parts = text.split(rule.separator ?? '|').map(coerceElement)
  const failed = parts.find(part => !('value' in part))
  return failed ?? { value: parts.map(part => ('value' in part ? part.value : null)) }
}

function toJson(text: string): Coerced {
  const parsed = readExactJson(text)
  if ('value' in parsed) return parsed
  const { code, expected = '' } = parsed.problem
  return { expected: code === 'json_syntax' ? 'JSON' : `JSON (${expected})` }
}
