import type { Readings } from '../braze/assumptions.ts'
import { selectsItem } from '../braze/operations.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'

/**
 * Arrays are ordered sets: adding an element again moves it to the end. An array that is full loses its oldest element,
 * or, if a whole array is set and the reading says so, its last. Source: contract §3.3.
 */
export function addToSet(
  list: Json[],
  added: Json[],
  max: number,
  overflow: Readings['arrayOverflow'],
  removed: Json[] = [],
): Json[] {
  const all = [...list, ...added]
  // Only the last occurrence of each element counts.
  const lastIndexes = new Map(all.map((item, index) => [keyOf(item), index]))
  const removedKeys = new Set(removed.map(keyOf))
  const kept = all.filter(
    (item, index) => lastIndexes.get(keyOf(item)) === index && !removedKeys.has(keyOf(item)),
  )
  return overflow === 'keep_first' ? kept.slice(0, max) : kept.slice(-max)
}

/** Applies `$add`, `$remove` and `$update`, always in this order. Source: braze-docs array_of_objects. */
export function changeItems(
  list: Json[],
  { $add, $remove, $update }: Record<'$add' | '$remove' | '$update', JsonObject[]>,
  merge: boolean,
): Json[] {
  const remaining = [...list, ...$add].filter(
    item => !(isJsonObject(item) && $remove.some(selector => selectsItem(item, selector))),
  )
  return remaining.map(item => {
    let updated = item
    for (const selector of $update) {
      const change = selector['$new_object']
      if (!isJsonObject(updated) || !isJsonObject(change) || !selectsItem(updated, selector)) continue
      // Without merging, the values of keys are replaced; an update cannot remove keys.
      updated = merge ? deepMerge(updated, change) : { ...updated, ...change }
    }
    return updated
  })
}

export function deepMerge(into: JsonObject, from: JsonObject): JsonObject {
  const merged = { ...into }
  for (const [key, value] of Object.entries(from)) {
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined
    const areMergeable = isJsonObject(old) && isJsonObject(value) && !isTime(old) && !isTime(value)
    setKey(merged, key, areMergeable ? deepMerge(old, value) : value)
  }
  return merged
}

function isTime(object: JsonObject): boolean {
  return Object.hasOwn(object, '$time')
}

/** Equal for elements that are equal. */
function keyOf(item: Json): string {
  return JSON.stringify(item)
}
