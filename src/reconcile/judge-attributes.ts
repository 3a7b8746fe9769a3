import { isCustomAttribute } from '../braze/fields.ts'
import { operationOf } from '../braze/operations.ts'
import { echoedAttributes } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { judgeOperation, judgeWithoutList } from './judge-operation.ts'
import { RequestLimits } from './limit-reasons.ts'
import { missingReason, type Sighting, type View } from './memory.ts'
import { isSame, isSubset, sameness } from './same.ts'
import { changedForm, isTypeRejected } from './type-changes.ts'

/**
 * One reason for each requested attribute, in the order of the request, and what the response shows of them.
 * `othersListed`: it lists names that nobody asked for.
 */
export function judgeAttributes(
  user: string,
  body: JsonObject,
  echoed: JsonObject,
  othersListed: boolean,
  view: View,
): { reasons: ReasonCode[]; sightings: Sighting[] } {
  const held = echoedAttributes(echoed) ?? {}
  const limits = new RequestLimits(body, view.readings)
  const sightings: Sighting[] = []
  const reasons = valuesOf('attributes', body).map(({ field, requested }): ReasonCode => {
    if (!isCustomAttribute(field)) return 'standard_field_not_echoed'
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
      return missingReason('attributes', field, othersListed, view.memory)
    }
    // Only a change of a number asks what it was before.
    const last = isJsonObject(requested) ? view.memory.last(user, 'attributes', field) : undefined
    return (
      judge(requested, returned, body['_merge_objects'] === true, last, view) ??
      limits.reasonFor(field, requested, returned) ??
      (isTypeRejected(requested, returned, view.readings) ? 'type_rejected' : 'unexplained')
    )
  })
  return { reasons, sightings }
}

/**
 * Why a value is not in the response; undefined where only its name can be the reason. What makes nothing, or breaks a
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
  requested: Json,
  returned: Json,
  merge: boolean,
  last: number | undefined,
  { at, readings, repeated }: View,
): ReasonCode | undefined {
  const operation = operationOf(requested)
  if (operation !== undefined) return judgeOperation(operation, returned, { last, repeated, merge })
  if (isJsonObject(requested) && isJsonObject(returned)) {
    // Moments inside come back in another form; the same keys and instants are the same object.
    if (isSame(requested, returned)) return 'exact'
    if (merge && isSubset(requested, returned)) return 'object_merged'
  }
  return sameness(requested, returned) ?? changedForm(requested, returned, at, readings)
}
