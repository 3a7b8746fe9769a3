import { isReadable, describeUnreadable } from '../braze/response.ts'
import { statusOf } from '../braze/statuses.ts'
import type { Answer, Lost } from '../model/exchange.ts'
import type { Stop } from '../model/exit.ts'
import { isHopeless, networkCauseOf } from '../model/network.ts'
import { allowedOf, type ErrorBudget } from '../model/progress.ts'

/** A host that never answered counts as unreachable after this many attempts of one object; one that did, after silence. */
const firstAttemptsMax = 4
const firstFailuresMax = 5
const silenceMsMax = 5 * 60_000
/** So many answers in a row that are none of the API's, and somebody else is answering. */
const unreadableMax = 3
/** A small run may repeat as often as this, whatever share of it that is. */
const retriesAllowedMin = 500

/**
 * Watches whether it is worth going on: a host that is dead, that is not the API, or so ill that repeats outgrow the work,
 * ends the run.
 */
export class Health {
  readonly #host: string
  readonly #budget: number
  #answered = false
  /** The API itself has answered. */
  #isKnown = false
  #unreadable = 0
  #failures = 0
  #silentSince = 0
  #retries = 0

  constructor(host: string, maxRetries: ErrorBudget, objects: number) {
    this.#host = host
    const allowed = allowedOf(maxRetries, objects)
    this.#budget = typeof maxRetries === 'number' ? allowed : Math.max(retriesAllowedMin, allowed)
  }

  /** How a request went, which was the given attempt of its object; a stop where the host must be given up. */
  saw(result: { answer: Answer } | { lost: Lost }, attempts: number, now: number): Stop | undefined {
    if ('answer' in result) {
      this.#answered = true
      this.#failures = 0
      return this.#sawAnswer(result.answer)
    }
    this.#failures++
    if (this.#failures === 1) this.#silentSince = now
    const { sent, reason } = result.lost
    const { means, next } = networkCauseOf(reason)
    const message = `${this.#host} cannot be reached (${reason}).`
    if (isHopeless(result.lost, this.#answered))
      return { exit: 'refused', message: `${message} ${means}`, next }
    const neverReached = sent ? this.#failures >= firstFailuresMax : attempts >= firstAttemptsMax
    // Silence begins with a failure, not with the last answer: an hour's pause is not the host's fault.
    const silent = this.#failures >= firstFailuresMax && now - this.#silentSince > silenceMsMax
    if (!(this.#answered ? silent : neverReached)) return undefined
    return { exit: 'stopped', message, next }
  }

  /** An answer that broke off may have been the API's own, so the first of those says nothing yet. */
  #sawAnswer(answer: Answer): Stop | undefined {
    if (statusOf(answer.status).follows !== 'judge') {
      this.#unreadable = 0
      return undefined
    }
    if (isReadable(answer)) {
      this.#isKnown = true
      this.#unreadable = 0
      return undefined
    }
    this.#unreadable++
    const isStranger = answer.complete && !this.#isKnown
    if (this.#unreadable < unreadableMax && !isStranger) return undefined
    const message = `${this.#host} responded with ${answer.status}, but ${describeUnreadable(answer)}. A proxy, a firewall or a sign-in page may be answering in its place.`
    const next = 'Check BRAZE_API_URL, and what stands between this machine and Braze.'
    return { exit: 'refused', message, next }
  }

  /** A failure is about to be followed by another request; a stop where there were too many of those. A 429 is no failure. */
  retries(): Stop | undefined {
    if (++this.#retries <= this.#budget) return undefined
    const message = `${this.#host} fails too often: ${this.#budget} requests were retried after failures, which is the retry budget.`
    return {
      exit: 'stopped',
      message,
      next: 'Try again when the host is healthy, or allow more with --max-retries.',
    }
  }
}
