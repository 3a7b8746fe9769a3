import { selectsItem, type Operation } from '../braze/operations.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { includes, isSame, isSubset, sameNumber } from './same.ts'

/** What the operation is judged with, beside the returned value. */
export interface Before {
  /** The number that the profile should hold now; undefined where the earlier one is unknown. */
  expected: number | undefined
  /** The object was sent more than once. */
  repeated: boolean
  /** `_merge_objects` of the request. */
  merge: boolean
}

/** An operation is judged by what it promises; undefined where the profile does not keep the promise. */
export function judgeOperation(operation: Operation, returned: Json, before: Before): ReasonCode | undefined {
  if ('inc' in operation) return judgeIncrement(operation.inc, returned, before)
  if (!Array.isArray(returned)) return judgeWithoutList(operation)
  return 'add' in operation ? judgeList(operation, returned) : judgeItems(operation, returned, before.merge)
}

/** What an operation on a list comes to where there is none: nothing is taken away of nothing, and nothing updated. */
export function judgeWithoutList(operation: Operation): ReasonCode | undefined {
  if (!needsList(operation)) return undefined
  return '$update' in operation && operation.$update.length > 0 ? 'item_not_found' : 'array_removed'
}

/** Whether the operation only takes away or changes what is there: of nothing, it makes nothing. */
function needsList(operation: Operation): boolean {
  if ('inc' in operation) return false
  return ('add' in operation ? (operation.add ?? []) : operation.$add).length === 0
}

function judgeIncrement(inc: number, returned: Json, { expected, repeated }: Before): ReasonCode | undefined {
  if (typeof returned !== 'number') return undefined
  if (expected === undefined) return 'inc_baseline_unknown'
  if (sameNumber(returned, expected)) return 'inc_confirmed'
  // Applied twice, the number has changed more than once; one that has not changed was not counted twice.
  const beyond = inc > 0 ? returned > expected : returned < expected
  return repeated && inc !== 0 && beyond ? 'possible_duplicate' : undefined
}

function judgeList(
  { add, remove }: { add: Json[] | null; remove: Json[] | null },
  returned: Json[],
): ReasonCode | undefined {
  // An element that is to be added and removed may be there or not: which comes first is not documented.
  const come = (add ?? []).filter(item => !includes(remove ?? [], item))
  const gone = (remove ?? []).filter(item => !includes(add ?? [], item))
  if (gone.some(item => includes(returned, item))) return undefined
  if (add === null) return 'array_removed'
  return come.every(item => includes(returned, item)) ? 'array_added' : undefined
}

/** Items are added, then removed, then updated; what is added and removed again is not judged. */
function judgeItems(
  { $add, $remove, $update }: { $add: JsonObject[]; $remove: JsonObject[]; $update: JsonObject[] },
  returned: Json[],
  merge: boolean,
): ReasonCode | undefined {
  const items = returned.filter(isJsonObject)
  const come = $add.filter(item => !$remove.some(by => selectsItem(item, by)))
  const gone = $remove.filter(by => !$add.some(item => selectsItem(item, by)))
  if (gone.some(by => items.some(item => selectsItem(item, by)))) return undefined
  const added = come.map(item => updated(item, $update, merge))
  if (!added.every(item => items.some(held => isSubset(item, held)))) return undefined
  if (!items.every(item => holdsUpdates(item, $update, merge))) return undefined
  if ($add.length > 0) return 'array_added'
  if ($remove.length > 0) return 'array_removed'
  if ($update.length === 0) return 'array_added'
  const found = $update.some(by => items.some(item => selectsItem(item, by)))
  return found ? 'object_merged' : 'item_not_found'
}

/** An item as it is after the updates that name it. */
function updated(item: JsonObject, updates: JsonObject[], merge: boolean): JsonObject {
  return updates.reduce((held, by) => (selectsItem(held, by) ? put(held, newObject(by), merge) : held), item)
}

/** Whether a returned item holds all that the updates which name it put into it; of one key the last counts. */
function holdsUpdates(item: JsonObject, updates: JsonObject[], merge: boolean): boolean {
  const named = updates.filter(by => selectsItem(item, by))
  const wanted = named.reduce<JsonObject>((held, by) => put(held, newObject(by), merge), {})
  if (merge) return isSubset(wanted, item)
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(item, key) && isSame(value, item[key] ?? null),
  )
}

function newObject(by: JsonObject): JsonObject {
  const object = by['$new_object']
  return isJsonObject(object) ? object : {}
}

function put(into: JsonObject, from: JsonObject, merge: boolean): JsonObject {
  const result = { ...into }
  for (const [key, value] of Object.entries(from)) {
    const old = Object.hasOwn(into, key) ? into[key] : undefined
    setKey(result, key, merge && isJsonObject(old) && isJsonObject(value) ? put(old, value, merge) : value)
  }
  return result
}
