import { endpoints } from '../braze/endpoints.ts'
import { refusalOf } from '../braze/refusals.ts'
import { describeUnreadable, readMessage } from '../braze/response.ts'
import { statusOf } from '../braze/statuses.ts'
import type { Answer, Lost } from '../model/exchange.ts'
import { networkCauseOf } from '../model/network.ts'
import { type Export, readExport } from './read-export.ts'

/** What follows from one request. */
export type Step =
  /** Profiles were shown. */
  | { do: 'match'; shown: Export }
  /** Over the rate limit, which makes everyone wait: nothing failed. */
  | { do: 'wait' }
  /** Nothing readable came; a look does no harm twice. `isCut`: a response began, and may be too large. */
  | { do: 'retry'; message: string; isCut: boolean }
  /** The API does not accept what was asked: of several, one may be at fault. */
  | { do: 'part'; message: string }
  /** No look can succeed. */
  | { do: 'deny'; message: string }

/** Decides by status, as the table of statuses says. Reading changes nothing, so every failure may be tried again. */
export function afterExport(result: { answer: Answer } | { lost: Lost }, host: string): Step {
  if ('lost' in result) {
    const { reason } = result.lost
    const message = `${host} cannot be reached (${reason}). ${networkCauseOf(reason).means}`
    return { do: 'retry', message, isCut: false }
  }
  const { answer } = result
  const { status, body, complete } = answer
  const { follows, means } = statusOf(status)
  const responded = `${host} responded with ${status}`
  switch (follows) {
    case 'judge': {
      const shown = complete ? readExport(body) : undefined
      if (shown !== undefined) return { do: 'match', shown }
      return { do: 'retry', message: `${responded}, but ${describeUnreadable(answer)}.`, isCut: !complete }
    }
    case 'wait':
      return { do: 'wait' }
    case 'retry':
      return { do: 'retry', message: `${responded}. ${means}`, isCut: false }
    case 'reject':
      return { do: 'part', message: `${responded}: ${complete ? readMessage(body) : means}` }
    case 'stop': {
      const refusal = refusalOf(status, endpoints.exportIds)
      return { do: 'deny', message: `${responded}: ${refusal.means} ${refusal.next}` }
    }
  }
}
