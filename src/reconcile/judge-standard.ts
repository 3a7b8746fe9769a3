import { equivalences, isDropped } from '../braze/equivalence.ts'
import { isBlank } from '../braze/exported-profile.ts'
import { type Json, sameJson } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { RequestLimits } from './limit-reasons.ts'

/** The reason for a standard field of which a profile shows this; null where it has none. */
export function judgeStandard(field: string, requested: Json, held: Json, limits: RequestLimits): ReasonCode {
  if (requested === null) return held === null ? 'null_removed' : 'unexplained'
  if (sameJson(requested, held)) return 'exact'
  if (held === null && isBlank(requested)) return 'empty_as_absent'
  const form = equivalences.get(field)
  if (form?.isSame(requested, held) === true) return form.reason
  if (isDropped(field, requested, held)) return 'standard_value_dropped'
  // Of the limits, only that of text is one of standard fields.
  const limit =
    typeof requested === 'string' ? limits.reasonFor(field, requested, held ?? undefined) : undefined
  return limit ?? 'unexplained'
}
