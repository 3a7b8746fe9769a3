import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'

/** A change of what is held, in place of a value. */
export type Operation =
  | { inc: number }
  /** Elements of a list of scalars. */
  | { add: Json[] | null; remove: Json[] | null }
  /** Items of a list of objects; they apply in this order. */
  | { $add: JsonObject[]; $remove: JsonObject[]; $update: JsonObject[] }

/**
 * The operation an attribute's value is; undefined where it is a value. An object with any other key is an object to
 * keep. Source: braze-docs user_attributes_object, array_of_objects.
 */
export function operationOf(value: Json): Operation | undefined {
  if (!isJsonObject(value)) return undefined
  const { inc, add, remove, $add, $remove, $update, ...others } = value
  if (Object.keys(others).length > 0) return undefined
  const scalars = [inc, add, remove].some(part => part !== undefined)
  const items = [$add, $remove, $update]
  if (items.some(part => part !== undefined)) {
    if (scalars || !items.every(part => part === undefined || isItemList(part))) return undefined
    return { $add: itemsOf($add), $remove: itemsOf($remove), $update: itemsOf($update) }
  }
  if (add === undefined && remove === undefined) return typeof inc === 'number' ? { inc } : undefined
  const lists = [add, remove].every(list => list === undefined || Array.isArray(list))
  if (inc !== undefined || !lists) return undefined
  return { add: Array.isArray(add) ? add : null, remove: Array.isArray(remove) ? remove : null }
}

/** Items of a list of objects that `$remove` and `$update` name: by a key of theirs and its value. */
export function namesItem(item: JsonObject, by: JsonObject): boolean {
  const { $identifier_key, $identifier_value } = by
  return typeof $identifier_key === 'string' && item[$identifier_key] === $identifier_value
}

function isItemList(value: Json): boolean {
  return Array.isArray(value) ? value.every(isJsonObject) : isJsonObject(value)
}

/** A single item may stand without its list. */
function itemsOf(value: Json | undefined): JsonObject[] {
  return (Array.isArray(value) ? value : [value]).filter(isJsonObject)
}
