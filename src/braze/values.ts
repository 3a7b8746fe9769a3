import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { fieldOf } from './fields.ts'
import { addressOf } from './identifiers.ts'
import { operationOf } from './operations.ts'

/** One requested value; `field` is the name that people use (`plan`, `time`, `properties.size`). */
export interface RequestedValue {
  field: string
  requested: Json
}

/**
 * The values that a body requests, in its own order: not the identifier that addresses the user nor control fields, and
 * each first-level property of an event or purchase on its own.
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
 * The data points that Braze bills for a body: one per attribute (per key of an object, per added element), event or
 * purchase. Source: braze-docs data_points; contracts signed after spring 2025 are billed differently.
 */
export function dataPoints(kind: Kind, body: JsonObject): number {
  if (kind !== 'attributes') return 1
  // Planning counts every row, so this avoids building the list of values.
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
