import { isJsonObject, type Json } from '../model/json.ts'
import { operationOf } from '../model/operation.ts'
import type { Readings } from '../model/readings.ts'
import { readMoment } from '../model/time.ts'
import type { Pinned } from './rules.ts'

/**
 * A value as its forced type takes it; undefined where it is ignored. Source: braze-docs managing_custom_data; by the
 * other page (`reject`) nothing is coerced.
 */
export function coerce(
  value: Exclude<Json, null>,
  pinned: Pinned,
  { forcedType }: Readings,
): Exclude<Json, null> | undefined {
  if (fits(value, pinned)) return value
  return forcedType === 'reject' || typeof value === 'object' ? undefined : coerceScalar(value, pinned)
}

function fits(value: Exclude<Json, null>, pinned: Pinned): boolean {
  const operation = operationOf(value)
  if (operation !== undefined) return pinned === ('inc' in operation ? 'number' : 'array')
  if (Array.isArray(value)) return pinned === 'array'
  if (isJsonObject(value)) return false
  return pinned === 'time'
    ? typeof value === 'string' && readMoment(value) !== undefined
    : typeof value === pinned
}

/** A moment is read or not: nothing else can become one, and nothing becomes a list. */
function coerceScalar(
  value: boolean | number | string,
  pinned: Pinned,
): boolean | number | string | undefined {
  const text = String(value)
  if (pinned === 'string') return text
  if (pinned === 'number') {
    return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
  }
  if (pinned !== 'boolean') return undefined
  if (/^(1|true|t)$/i.test(text)) return true
  return /^(0|false|f)$/i.test(text) ? false : undefined
}
