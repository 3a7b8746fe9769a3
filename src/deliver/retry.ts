import type { Answer, Lost } from '../model/exchange.ts'
import { actionOf } from '../model/status.ts'
import type { Stop } from '../model/stop.ts'

/** What follows from one exchange. */
export type Next =
  /** The API has spoken: reconcile or report. */
  | { do: 'settle' }
  /** Nothing was applied: try again, everyone after `pauseMs` where that is set. */
  | { do: 'again'; pauseMs?: number }
  /** Nobody can say whether it was applied. */
  | { do: 'doubt' }
  /** No request of this run can succeed. */
  | { do: 'stop'; stop: Stop }

/** Decides by status, as the table of statuses says, or by how the answer was lost. */
export function nextStep(result: { answer: Answer } | { lost: Lost }, now: number, host: string): Next {
  if ('lost' in result) return result.lost.sent ? { do: 'doubt' } : { do: 'again' }
  const { status, headers } = result.answer
  switch (actionOf(status)) {
    case 'wait': {
      const pauseMs = pauseOf(headers, now)
      return pauseMs === undefined ? { do: 'again' } : { do: 'again', pauseMs }
    }
    case 'stop': {
      const { means, next } = refusals[status] ?? elsewhere
      return { do: 'stop', stop: { exit: 'refused', message: `${host} answered ${status}: ${means}`, next } }
    }
    case 'doubt':
      return { do: 'doubt' }
    case 'reconcile':
    case 'queued':
    case 'reject':
      return { do: 'settle' }
  }
}

/** Any 3XX: the API never sends a client elsewhere. */
const elsewhere = { means: 'it sends us elsewhere, which the API never does.', next: 'Check BRAZE_API_URL.' }

const refusals: Record<number, { means: string; next: string }> = {
  401: {
    means: 'it does not know the key. A key works on its own cluster only.',
    next: 'Check BRAZE_API_KEY, and that BRAZE_API_URL is the REST host of your own instance.',
  },
  403: {
    means: 'the key may not do this.',
    next: 'Give the key the permission users.track.sync; the endpoint is in a closed beta, so ask your Braze contact whether you are in it.',
  },
  404: {
    means: 'there is no /users/track/sync.',
    next: 'Check BRAZE_API_URL; the endpoint is in a closed beta, so ask your Braze contact whether you are in it.',
  },
}

/**
 * How long a 429 asks everyone to wait. Two families of headers are documented: a reset as epoch seconds or as seconds
 * to go, and a retry-after in its place. Undefined where the answer does not say.
 */
export function pauseOf(headers: Record<string, string>, now: number): number | undefined {
  for (const name of ['x-ratelimit-retry-after', 'retry-after', 'x-ratelimit-reset']) {
    const seconds = Number(headers[name] || Number.NaN)
    if (!Number.isFinite(seconds) || seconds < 0) continue
    const isEpoch = name === 'x-ratelimit-reset' && seconds >= 1e9
    const pause = isEpoch ? seconds * 1000 - now : seconds * 1000
    return Math.min(longestPauseMs, Math.max(0, pause))
  }
  return undefined
}

/** The longest window the API has is an hour; an answer that asks for more is not believed. */
const longestPauseMs = 3_600_000

/** Exponential back-off with full jitter: 1 s, 2 s, 4 s … at most 60 s, each drawn from zero to that. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** (attempt - 1)) * random())
}
