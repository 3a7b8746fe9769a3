import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'

/** A change to the stored value, in place of a value. */
export type Operation =
  | { inc: number }
  /** Changes to an array of scalars. */
  | { add: Json[] | null; remove: Json[] | null }
  /** Changes to an array of objects, applied in this order. */
  | { $add: JsonObject[]; $remove: JsonObject[]; $update: JsonObject[] }

/**
 * The operation that an attribute value stands for; undefined if it is a plain value. An object with any other key is a
 * plain value. Source: braze-docs user_attributes_object, array_of_objects.
 */
export function operationOf(value: Json): Operation | undefined {
  if (!isJsonObject(value)) return undefined
  const { inc, add, remove, $add, $remove, $update, ...others } = value
  if (Object.keys(others).length > 0) return undefined
  const hasScalarPart = [inc, add, remove].some(part => part !== undefined)
  const itemLists = [$add, $remove, $update]
  if (itemLists.some(part => part !== undefined)) {
    if (hasScalarPart || !itemLists.every(part => part === undefined || isItemList(part))) return undefined
    return { $add: itemsOf($add), $remove: itemsOf($remove), $update: itemsOf($update) }
  }
  if (add === undefined && remove === undefined) return typeof inc === 'number' ? { inc } : undefined
  const areArrays = [add, remove].every(list => list === undefined || Array.isArray(list))
  if (inc !== undefined || !areArrays) return undefined
  return { add: Array.isArray(add) ? add : null, remove: Array.isArray(remove) ? remove : null }
}

/** Whether a `$remove` or `$update` selects this item of an array of objects, by one of its keys and its value. */
export function selectsItem(item: JsonObject, selector: JsonObject): boolean {
  const { $identifier_key, $identifier_value } = selector
  return typeof $identifier_key === 'string' && item[$identifier_key] === $identifier_value
}

function isItemList(value: Json): boolean {
  return Array.isArray(value) ? value.every(isJsonObject) : isJsonObject(value)
}

/** A single item need not be in an array. */
function itemsOf(value: Json | undefined): JsonObject[] {
  return (Array.isArray(value) ? value : [value]).filter(isJsonObject)
}
