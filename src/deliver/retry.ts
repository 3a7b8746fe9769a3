import { isReadable } from '../braze/response.ts'
import { statusOf } from '../braze/statuses.ts'
import type { Answer, Exchange, Lost } from '../model/exchange.ts'
import type { Stop } from '../model/exit.ts'

/** What follows from one exchange. */
export type Next =
  /** The API has spoken: the row has ended. */
  | { do: 'settle' }
  /** Nothing was applied: try again, after a rest of its own unless the pace makes everyone wait. */
  | { do: 'again'; rest: boolean }
  /** Nobody can say whether it was applied. */
  | { do: 'doubt' }
  /** No request of this run can succeed. */
  | { do: 'stop'; stop: Stop }

/** Decides by status, as the table of statuses says, or by how the answer was lost. */
export function nextStep(result: { answer: Answer } | { lost: Lost }, host: string): Next {
  if ('lost' in result) return result.lost.sent ? { do: 'doubt' } : { do: 'again', rest: true }
  const { status } = result.answer
  const { applied, follows } = statusOf(status)
  switch (follows) {
    case 'judge':
      return { do: isReadable(result.answer) ? 'settle' : 'doubt' }
    case 'reject':
      return { do: 'settle' }
    case 'wait':
      return { do: 'again', rest: false }
    case 'retry':
      return applied === 'no' ? { do: 'again', rest: true } : { do: 'doubt' }
    case 'stop': {
      const { means, next } = refusals[status] ?? elsewhere
      return { do: 'stop', stop: { exit: 'refused', message: `${host} answered ${status}: ${means}`, next } }
    }
  }
}

/** Any 3XX: the API never sends a client elsewhere. */
const elsewhere = { means: 'it sends us elsewhere, which the API never does.', next: 'Check BRAZE_API_URL.' }

const needs =
  'The key needs the permission users.track.sync, and the account a place in the closed beta of /users/track/sync: ask your Braze contact.'

/**
 * What a status that stops the run says. Which of 401, 403 and 404 a host answers is not certain, so each names all that
 * may be missing. Source: contract §7.
 */
const refusals: Record<number, { means: string; next: string }> = {
  401: {
    means: 'it does not know the key. A key works on its own cluster only.',
    next: `Check BRAZE_API_KEY, and that BRAZE_API_URL is the REST host of your own instance. ${needs}`,
  },
  403: {
    means: 'the key may not do this.',
    next: needs,
  },
  404: {
    means: 'there is no /users/track/sync.',
    next: `Check BRAZE_API_URL. ${needs}`,
  },
  407: {
    means: 'a proxy asks for a name and a password; nothing reached the API.',
    next: 'Put them into the proxy URL: HTTPS_PROXY or --proxy, as in http://NAME:PASSWORD@HOST:PORT.',
  },
  421: {
    means: 'it does not answer for this address.',
    next: 'Check BRAZE_API_URL, and any proxy on the way.',
  },
}

/** Whether the API has said no to what was asked. */
export function isRefusal({ inDoubt, result }: Exchange): boolean {
  return !inDoubt && 'answer' in result && statusOf(result.answer.status).applied === 'no'
}
