import { returnedValue } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import type { Account } from '../model/account.ts'
import type { Json } from '../model/json.ts'
import { type Bucket, type ReasonCode, reasons, type Verdict } from '../model/verdict.ts'

/** One requested value with its result. */
export interface JudgedValue {
  field: string
  requested: Json
  returned: Json | undefined
  verdict: Verdict
  reason: ReasonCode
  counts: Bucket
}

/** The values of an object that was sent; none if nothing was requested. */
export function judgedValues({ kind, body, echoed, reasons: codes }: Account): JudgedValue[] {
  if (kind === null || body === null) return []
  return valuesOf(kind, body).map(({ field, requested }, i) => {
    const reason = codes[i] ?? 'answer_lost'
    const { verdict, counts } = reasons[reason]
    const returned = echoed === null ? undefined : returnedValue(echoed, kind, body, field)
    return { field, requested, returned, verdict, reason, counts }
  })
}
