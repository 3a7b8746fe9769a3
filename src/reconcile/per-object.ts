import { valuesOf } from '../braze/values.ts'
import { sameJson } from '../model/json.ts'
import { outcomeOf, type ReasonCode } from '../model/verdict.ts'
import type { Asked, Judgement } from './reconcile.ts'

/**
 * The judgement of a request that carried several rows, as one judgement a row. A value that a later row of the request
 * replaces was never held; every other one is judged as the request was.
 */
export function shareOut(rows: readonly Asked[], asked: Asked, whole: Judgement): Judgement[] {
  const { kind, body } = asked
  if (kind === null || rows.length === 1) return [whole]
  const judged = new Map(
    valuesOf(kind, body).map(({ field }, i) => [field, whole.reasons[i] ?? 'unexplained']),
  )
  return rows.map(row => {
    const reasons = valuesOf(kind, row.body).map(({ field, requested }): ReasonCode => {
      const isLast = sameJson(requested, body[field])
      return isLast || !spoken.has(whole.outcome) ? (judged.get(field) ?? 'unexplained') : 'superseded'
    })
    return { ...whole, reasons, outcome: spoken.has(whole.outcome) ? outcomeOf(reasons) : whole.outcome }
  })
}

/** The outcomes of a request that was applied; of any other, no value was held. */
const spoken = new Set(['verified', 'unverifiable', 'mismatched'])
