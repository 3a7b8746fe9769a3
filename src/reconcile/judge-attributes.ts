import { isCustomAttribute } from '../braze/fields.ts'
import { operationOf } from '../braze/operations.ts'
import { valuesOf } from '../braze/values.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { judgeOperation, judgeWithoutList } from './judge-operation.ts'
import { RequestLimits } from './limit-reasons.ts'
import type { Sighting } from './memory.ts'
import { isSame, isSubset, sameness } from './same.ts'
import { changedForm, isTypeRejected } from './type-changes.ts'
import type { View } from './view.ts'

/**
 * One reason for each requested attribute, in the order of the request, and what is shown of them. `held` are the custom
 * attributes that are shown; `othersListed`: among them are names that nobody asked for.
 */
export function judgeAttributes(
  body: JsonObject,
  held: JsonObject,
  othersListed: boolean,
  view: View,
): { reasons: ReasonCode[]; sightings: Sighting[] } {
  const limits = new RequestLimits(body, view.readings)
  const sightings: Sighting[] = []
  const reasons = valuesOf('attributes', body).map(({ field, requested }): ReasonCode => {
    if (!isCustomAttribute(field)) return view.standard(field, requested, limits)
    const returned = Object.hasOwn(held, field) ? held[field] : undefined
    const sighting: Sighting = { name: field, number: typeof returned === 'number' ? returned : null }
    sightings.push(sighting)
    if (returned !== undefined) sighting.isListed = true
    // How the API shows a removal is not documented: the name gone, null, or even no list of attributes at all.
    if (requested === null) return (returned ?? null) === null ? 'null_removed' : 'unexplained'
    if (returned === undefined) {
      const absent = absenceReason(field, requested, othersListed, limits)
      if (absent !== undefined) return absent
      if (!othersListed) sighting.isListed = false
      // Where another name is in its place, the response is the strange thing: it proves nothing about this name.
      return othersListed ? 'extra_key' : view.missing('attributes', field, requested)
    }
    return (
      judge(field, requested, returned, body['_merge_objects'] === true, view) ??
      limits.reasonFor(field, requested, returned) ??
      (isTypeRejected(requested, returned, view.readings) ? 'type_rejected' : 'unexplained')
    )
  })
  return { reasons, sightings }
}

/**
 * Why a value is not there; undefined where only its name can be the reason. What makes nothing, or breaks a
 * limit, is missing for that: it says nothing about the name.
 */
function absenceReason(
  field: string,
  requested: Json,
  othersListed: boolean,
  limits: RequestLimits,
): ReasonCode | undefined {
  const limit = limits.reasonFor(field, requested, undefined)
  if (limit !== undefined) return limit
  const operation = operationOf(requested)
  const without = operation === undefined ? undefined : judgeWithoutList(operation)
  if (without !== undefined) return without
  if (limits.isBroken(field, requested)) return othersListed ? 'extra_key' : 'key_missing'
  return undefined
}

/** What explains the value without any limit: operator, equal, equivalent, or another form by a known rule. */
function judge(
  field: string,
  requested: Json,
  returned: Json,
  merge: boolean,
  { at, readings, repeated, numberAfter }: View,
): ReasonCode | undefined {
  const operation = operationOf(requested)
  if (operation !== undefined) {
    // Only a change of a number asks what it was before.
    const expected = 'inc' in operation ? numberAfter('attributes', field, operation.inc) : undefined
    return judgeOperation(operation, returned, { expected, repeated, merge })
  }
  if (isJsonObject(requested) && isJsonObject(returned)) {
    // Moments inside come back in another form; the same keys and instants are the same object.
    if (isSame(requested, returned)) return 'exact'
    if (merge && isSubset(requested, returned)) return 'object_merged'
  }
  return sameness(requested, returned) ?? changedForm(requested, returned, at, readings)
}
