import type { Readings } from '../braze/assumptions.ts'
import { namesItem } from '../braze/operations.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'

/**
 * A list is a set with an order: adding an element again moves it to the end, and one that is full loses its oldest,
 * or, where a whole list is set and the reading says so, its last. Source: contract §3.3.
 */
export function addToSet(
  list: Json[],
  added: Json[],
  max: number,
  overflow: Readings['arrayOverflow'],
  removed: Json[] = [],
): Json[] {
  const all = [...list, ...added]
  // The last place of each element counts.
  const lastPlaces = new Map(all.map((item, place) => [keyOf(item), place]))
  const gone = new Set(removed.map(keyOf))
  const kept = all.filter((item, place) => lastPlaces.get(keyOf(item)) === place && !gone.has(keyOf(item)))
  return overflow === 'keep_first' ? kept.slice(0, max) : kept.slice(-max)
}

/** `$add`, then `$remove`, then `$update`, whatever order they were written in. Source: braze-docs array_of_objects. */
export function changeItems(
  list: Json[],
  { $add, $remove, $update }: Record<'$add' | '$remove' | '$update', JsonObject[]>,
  merge: boolean,
): Json[] {
  const left = [...list, ...$add].filter(
    item => !(isJsonObject(item) && $remove.some(by => namesItem(item, by))),
  )
  return left.map(item => {
    let now = item
    for (const by of $update) {
      const change = by['$new_object']
      if (!isJsonObject(now) || !isJsonObject(change) || !namesItem(now, by)) continue
      // Without merging, keys are replaced whole; none can be taken away by an update.
      now = merge ? deepMerge(now, change) : { ...now, ...change }
    }
    return now
  })
}

export function deepMerge(into: JsonObject, from: JsonObject): JsonObject {
  const merged = { ...into }
  for (const [key, value] of Object.entries(from)) {
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined
    const both = isJsonObject(old) && isJsonObject(value) && !isMoment(old) && !isMoment(value)
    setKey(merged, key, both ? deepMerge(old, value) : value)
  }
  return merged
}

function isMoment(object: JsonObject): boolean {
  return Object.hasOwn(object, '$time')
}

/** The same text for elements that are the same. */
function keyOf(item: Json): string {
  return JSON.stringify(item)
}
