import type { Readings } from '../braze/assumptions.ts'
import { brokenLimit } from '../braze/broken-limits.ts'
import { isDropped } from '../braze/equivalence.ts'
import { exportFieldOf } from '../braze/export-fields.ts'
import { profileFor } from '../braze/exported-profile.ts'
import { fieldOf, isCustomAttribute } from '../braze/fields.ts'
import { operationOf } from '../braze/operations.ts'
import { returnedValue } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import type { Account } from '../model/account.ts'
import { readExactJson } from '../model/exact-json.ts'
import { isJsonObject, type Json, type JsonObject, sameJson, setKey } from '../model/json.ts'
import type { Look, Observation } from '../model/observation.ts'
import { mark } from '../model/secret.ts'
import type { LeftReason } from '../model/undo-plan.ts'
import { type ReasonCode, reasons } from '../model/verdict.ts'
import { judgeProfile } from '../reconcile/judge-profile.ts'
import { isSame, sameDate, sameness } from '../reconcile/same.ts'
import { checkFields } from '../validate/check-fields.ts'
import { checkIdentifiers } from '../validate/check-identifiers.ts'
import { attributeIn, type Before } from './before.ts'

/** What a row of the run may have left in an attribute. */
export interface Left {
  field: string
  /** Undefined where that is not known. */
  value: Json | undefined
  /** A response or a look has shown it. */
  isShown: boolean
  /** Whatever was there before the row certainly is not there any more. */
  isCertain: boolean
}

/** What is known of a user whose values may be put back. */
export interface Sight {
  /** The user key. */
  user: string
  before: Before | undefined
  now: Look
  /** Whether another user key of the run leads to this profile. */
  isShared: (id: string) => boolean
  readings: Readings
}

/** What becomes of a value. */
export type Decision =
  | { is: 'as_before' }
  | { is: 'put_back'; value: Json }
  | { is: 'left'; why: LeftReason; was: Json | undefined; now: Json | undefined }

/** What an object that may have changed its profile left there. */
export function leftBy(account: Account, readings: Readings): Left[] {
  const { kind, body, reasons: judged } = account
  if (kind !== 'attributes' || body === null) return []
  // What is shown of another user says nothing of this one.
  const echoed = judged.includes('other_profile') ? null : account.echoed
  return valuesOf(kind, body).flatMap(({ field, requested }, i): Left[] => {
    const reason = judged[i]
    if (reason === undefined || reason === 'superseded' || reason === 'user_not_found') return []
    const shown = echoed === null ? undefined : returnedValue(echoed, kind, body, field)
    if (shown !== undefined) return [{ field, value: shown, isShown: true, isCertain: true }]
    const isOwn = operationOf(requested) === undefined && !isMerged(body, field, requested)
    const value = isOwn ? requested : undefined
    const all = (values: (Json | undefined)[], isCertain: boolean) =>
      values.map(one => ({ field, value: one, isShown: false, isCertain }))
    // A response that can be read and leaves out an attribute says that there is none, unless it is a strange one.
    if (isCustomAttribute(field) && echoed !== null)
      return reasons[reason].leaves === 'unknown' ? all([value, null], false) : all([null], true)
    if (clears(field, requested)) return all([value, null], isPlain(reason))
    return all([value], isPlain(reason) && isStorable(field, requested, readings))
  })
}

/** The row was accepted, and nothing but that is known of a standard field. */
function isPlain(reason: ReasonCode): boolean {
  return reason === 'standard_field_not_echoed'
}

/** A value that the API does not recognise may leave nothing, as an unknown country does. */
function clears(field: string, requested: Json): boolean {
  return isDropped(field, requested, null) && !isDropped(field, requested, requested)
}

/** Such an object is only a part of what is there then. */
function isMerged(body: JsonObject, field: string, requested: Json): boolean {
  return body['_merge_objects'] === true && isCustomAttribute(field) && isJsonObject(requested)
}

/**
 * Whether a value is put back. `left` is what the run may have left there: the latest value that is certain, and all that
 * may have come after it. Text that reads as a date comes back as a date, because the API detects dates; the receipt of the
 * undo then says so.
 */
export function decide(field: string, left: readonly Left[], sight: Sight): Decision {
  const { user, before, now: look, readings } = sight
  const seen = 'seen' in look ? look.seen : undefined
  const was = before === undefined ? undefined : attributeIn(before.profile, field)
  const now = seen === undefined ? undefined : heldIn(sight.user, seen.profile, field, left.at(-1)?.value)
  const leave = (why: LeftReason): Decision => ({ is: 'left', why, was, now })
  if (exportFieldOf(field) === undefined) return leave('not_exported')
  if (before === undefined || was === undefined) return leave('not_in_snapshot')
  if (before.exists === 'ambiguous') return leave('other_profile')
  if (seen === undefined || now === undefined) return leave('lookup_failed')
  const elsewhere = whoseProfile(before, seen, sight)
  if (elsewhere !== undefined) return leave(elsewhere)
  if (isAsBefore(was, now)) return { is: 'as_before' }
  if (!left.some(one => stands(one, now, seen, sight)))
    return leave(left.some(({ value }) => value === undefined) ? 'result_unknown' : 'changed_since')
  if (operationOf(was) !== undefined) return leave('reads_as_operation')
  if (was === null && fieldOf('attributes', field)?.onInvalid === 'refused') return leave('not_clearable')
  const isRefused = problemsWith(user, field, was) || !isStorable(field, was, readings)
  return isRefused ? leave('not_storable') : { is: 'put_back', value: was }
}

/** Why the profile is not, or not for certain, the one that the run has changed. */
function whoseProfile(before: Before, seen: Observation, { isShared }: Sight): LeftReason | undefined {
  const id = seen.profile?.['braze_id']
  const now = typeof id === 'string' ? id : null
  const isOther = before.id !== null && now !== null && before.id !== now
  if (seen.isAmbiguous === true || seen.isRenamed === true || isOther) return 'other_profile'
  return [before.id, now].some(one => one !== null && isShared(one)) ? 'several_identifiers' : undefined
}

/** What an exported profile holds of an attribute; of push tokens only those that were sent are looked at. */
function heldIn(
  user: string,
  exported: JsonObject | null,
  field: string,
  sent: Json = null,
): Json | undefined {
  const body = JSON.parse(user) as JsonObject
  setKey(body, field, sent)
  return attributeIn(profileFor(exported ?? {}, 'attributes', body), field)
}

/** Both come from exports, which write equal values alike; only text that reads as a date may have become one. */
function isAsBefore(was: Json, now: Json): boolean {
  if (sameJson(was, now)) return true
  return typeof was === 'string' && typeof now === 'string' && sameDate(was, now) !== undefined
}

/** Whether the profile still holds what the run left there. */
function stands({ field, value, isShown }: Left, now: Json, seen: Observation, sight: Sight): boolean {
  if (value === undefined) return false
  if (value === null) return now === null
  if (isShown && isCustomAttribute(field)) return isSameShown(value, now)
  const body = JSON.parse(sight.user) as JsonObject
  setKey(body, field, value)
  const { reasons: judged } = judgeProfile({ kind: 'attributes', user: sight.user, body }, seen, {
    at: seen.at,
    readings: sight.readings,
    expected: () => ({ before: undefined, adds: 0 }),
    isOverwritten: () => false,
    repeated: false,
  })
  return judged.every(reason => reasons[reason].counts === 'match')
}

/** A list that was shown in another order was changed since. */
function isSameShown(shown: Json, now: Json): boolean {
  if (isJsonObject(shown) && isJsonObject(now)) return isSame(shown, now)
  const how = sameness(shown, now)
  return how !== undefined && how !== 'array_order_only' && how !== 'array_deduplicated'
}

/** Whether the API keeps a value that it accepts. */
function isStorable(field: string, value: Json, readings: Readings): boolean {
  return brokenLimit(field, value, readings) === undefined && !isDropped(field, value, null)
}

/** Whether a row with this value would not be sent, or would be sent with another than was there. */
function problemsWith(user: string, field: string, value: Json): boolean {
  const body = JSON.parse(user) as JsonObject
  setKey(body, field, value)
  const problems = [...checkIdentifiers(body, 'attributes'), ...checkFields(body, 'attributes')]
  const json = JSON.stringify(value)
  // Where the key stands in a response, something else is read.
  return (
    problems.length > 0 || json.includes(mark) || 'problem' in readExactJson(json) || hasHugeNumber(value)
  )
}

/** A whole number beyond 2^53 is not certain to be the one that the profile holds. */
function hasHugeNumber(value: Json): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasHugeNumber)
}
