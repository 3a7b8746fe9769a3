import { type Endpoint, endpoints } from '../braze/endpoints.ts'
import { refusalOf } from '../braze/refusals.ts'
import { isReadable } from '../braze/response.ts'
import { leavesDoubt, statusOf } from '../braze/statuses.ts'
import type { Answer, Exchange, Lost } from '../model/exchange.ts'
import type { Stop } from '../model/exit.ts'

/** What follows from one exchange. */
export type Next =
  /** The API has spoken: the row has ended. */
  | { do: 'settle' }
  /** Nothing was applied: try again, after a backoff of its own unless the rate limit makes everyone wait. */
  | { do: 'retry'; backoff: boolean }
  /** Nobody can say whether it was applied. */
  | { do: 'doubt' }
  /** No request of this run can succeed. */
  | { do: 'stop'; stop: Stop }

/** Decides by status, as the table of statuses says, or by how the response was lost. */
export function nextStep(
  result: { answer: Answer } | { lost: Lost },
  host: string,
  endpoint: Endpoint = endpoints.trackSync,
): Next {
  if ('lost' in result) return result.lost.sent ? { do: 'doubt' } : { do: 'retry', backoff: true }
  const { status } = result.answer
  const { follows } = statusOf(status)
  if (leavesDoubt(status, follows !== 'judge' || isReadable(result.answer))) return { do: 'doubt' }
  switch (follows) {
    case 'judge':
    case 'reject':
      return { do: 'settle' }
    case 'wait':
      return { do: 'retry', backoff: false }
    case 'retry':
      return { do: 'retry', backoff: true }
    case 'stop': {
      const { means, next } = refusalOf(status, endpoint)
      return {
        do: 'stop',
        stop: { exit: 'refused', message: `${host} responded with ${status}: ${means}`, next },
      }
    }
  }
}

/** Whether the API has said no to what was asked. */
export function isRefusal({ inDoubt, result }: Exchange): boolean {
  return !inDoubt && 'answer' in result && statusOf(result.answer.status).applied === 'no'
}
