import type { Readings } from '../braze/assumptions.ts'
import { asBoolean, asNumber, asText, type Scalar } from '../braze/forced-types.ts'
import { readMoment } from '../braze/moments.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type Json } from '../model/json.ts'
import type { Pinned } from './rules.ts'

/**
 * The value as its forced type stores it; undefined if it is ignored. Nothing is coerced if the reading is `reject`.
 * Source: braze-docs managing_custom_data.
 */
export function coerce(
  value: Exclude<Json, null>,
  pinned: Pinned,
  { forcedType }: Readings,
): Exclude<Json, null> | undefined {
  if (hasType(value, pinned)) return value
  return forcedType === 'reject' || typeof value === 'object' ? undefined : coerceScalar(value, pinned)
}

function hasType(value: Exclude<Json, null>, pinned: Pinned): boolean {
  const operation = operationOf(value)
  if (operation !== undefined) return pinned === ('inc' in operation ? 'number' : 'array')
  if (Array.isArray(value)) return pinned === 'array'
  if (isJsonObject(value)) return false
  return pinned === 'time'
    ? typeof value === 'string' && readMoment(value) !== undefined
    : typeof value === pinned
}

/** Nothing can be coerced to a time or an array. */
function coerceScalar(value: Scalar, pinned: Pinned): Scalar | undefined {
  if (pinned === 'string') return asText(value)
  if (pinned === 'number') return asNumber(value)
  return pinned === 'boolean' ? asBoolean(value) : undefined
}
