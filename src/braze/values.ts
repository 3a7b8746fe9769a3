import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { fieldOf } from './fields.ts'
import { addressOf } from './identifiers.ts'
import { operationOf } from './operations.ts'

/** One requested value: the field as people name it (`plan`, `time`, `properties.size`) and what was asked. */
export interface RequestedValue {
  field: string
  requested: Json
}

/**
 * The values a body asks for, in the body's own order. The identifier that addresses the user and the keys that
 * steer the request are no values; each first-level property of an event or purchase is one.
 */
export function valuesOf(kind: Kind, body: JsonObject): RequestedValue[] {
  const address = addressOf(body)
  const values: RequestedValue[] = []
  for (const [field, requested] of Object.entries(body)) {
    if (field === address || fieldOf(kind, field)?.control === true) continue
    if (kind !== 'attributes' && field === 'properties' && isJsonObject(requested)) {
      for (const [name, value] of Object.entries(requested)) {
        values.push({ field: `properties.${name}`, requested: value })
      }
    } else {
      values.push({ field, requested })
    }
  }
  return values
}

/**
 * Data points of a body as Braze bills them: one an attribute (each key of an object, each added element), one an
 * event, one a purchase. Source: braze-docs data_points; contracts signed after spring 2025 are billed otherwise.
 */
export function dataPoints(kind: Kind, body: JsonObject): number {
  if (kind !== 'attributes') return 1
  // Planning counts every row of a file, so no list of its values is made for it.
  const address = addressOf(body)
  let points = 0
  for (const field of Object.keys(body)) {
    if (field === address || fieldOf(kind, field)?.control === true) continue
    points += pointsOf(field, body[field] ?? null)
  }
  return points
}

const freeFields = new Set([
  'email_subscribe',
  'push_subscribe',
  'subscription_groups',
  'external_id',
  'user_alias',
])

function pointsOf(field: string, requested: Json): number {
  if (freeFields.has(field)) return 0
  if (!isJsonObject(requested)) return 1
  const operation = operationOf(requested)
  if (operation !== undefined) {
    if ('inc' in operation) return 1
    const lists =
      'add' in operation ? [operation.add ?? [], operation.remove ?? []] : Object.values(operation)
    return lists.reduce((sum, list) => sum + list.length, 0)
  }
  return Math.max(1, Object.keys(requested).length)
}
