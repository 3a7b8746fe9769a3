import type { Answer, Lost } from '../model/exchange.ts'
import { isHopeless, networkCauseOf } from '../model/network.ts'
import { type ErrorBudget, allowedOf } from '../model/progress.ts'
import type { Stop } from '../model/stop.ts'

/** A host that never answered counts as unreachable after so many attempts of one object; one that did, after silence. */
const firstAttemptsMax = 4
const firstFailuresMax = 5
const silenceMsMax = 5 * 60_000
/** A small run may repeat as often as this, whatever share of it that is. */
const repeatsAllowedMin = 500

/** Watches whether it is worth going on: a host that is dead, or so ill that repeats outgrow the work, ends the run. */
export class Health {
  readonly #host: string
  readonly #budget: number
  #answered = false
  #failures = 0
  #silentSince = 0
  #repeats = 0

  constructor(host: string, maxRetries: ErrorBudget, objects: number) {
    this.#host = host
    const allowed = allowedOf(maxRetries, objects)
    this.#budget = typeof maxRetries === 'number' ? allowed : Math.max(repeatsAllowedMin, allowed)
  }

  /** How a request went that was the object's so-manieth in this process; a stop where the host must be given up. */
  saw(result: { answer: Answer } | { lost: Lost }, attempts: number, now: number): Stop | undefined {
    if ('answer' in result) {
      this.#answered = true
      this.#failures = 0
      return undefined
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

  /** A failure is about to be followed by another request; a stop where there were too many of those. A 429 is no failure. */
  repeats(): Stop | undefined {
    if (++this.#repeats <= this.#budget) return undefined
    const message = `${this.#host} fails too often: ${this.#budget} requests were sent again after failures, which is the budget.`
    return { exit: 'stopped', message, next: 'Try again when the host is well; --max-retries allows more.' }
  }
}
