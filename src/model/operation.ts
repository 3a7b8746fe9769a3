import { isJsonObject, type Json } from './json.ts'

/** A change of what is held, in place of a value. */
export type Operation = { inc: number } | { add: Json[] | null; remove: Json[] | null }

/**
 * The operation an attribute's value is; undefined where it is a value. An object with any other key is an object to
 * keep. Source: braze-docs user_attributes_object.
 */
export function operationOf(value: Json): Operation | undefined {
  if (!isJsonObject(value)) return undefined
  const { inc, add, remove, ...others } = value
  if (Object.keys(others).length > 0) return undefined
  if (add === undefined && remove === undefined) return typeof inc === 'number' ? { inc } : undefined
  const lists = [add, remove].every(list => list === undefined || Array.isArray(list))
  if (inc !== undefined || !lists) return undefined
  return { add: Array.isArray(add) ? add : null, remove: Array.isArray(remove) ? remove : null }
}
