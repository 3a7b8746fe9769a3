import type { Rate } from '../model/exchange.ts'
import type { LimitSigns } from './limit-headers.ts'

/**
 * The limit is the workspace's, so another tool may use it up beside us. Where `remaining` falls faster than our own
 * sending explains, the difference is theirs, and we leave it to them: we slow down to what is left, and speed up again
 * once it falls no faster than we send.
 */
export class Share {
  readonly #full: number
  /** Requests a millisecond that we allow ourselves. */
  #own: number
  /** What the limit is said to be, and what others seem to use of it. */
  #limit: number
  #theirs = 0
  #lookedAt = Number.NEGATIVE_INFINITY
  /** The rate's own window, and the furthest reset within a minute. */
  readonly #ownWindowMs: number
  #furthestResetMs = 0

  constructor({ requests, windowMs }: Exclude<Rate, 'off'>) {
    this.#ownWindowMs = Math.min(windowMs, minuteMs)
    this.#full = requests / windowMs
    this.#own = this.#full
    this.#limit = this.#full
  }

  /** The least time between two starts; 0 where nobody shares the limit. */
  get gapMs(): number {
    return this.isShared ? 1 / this.#own : 0
  }

  get isShared(): boolean {
    return this.#own < this.#full * 0.98
  }

  /** Requests a millisecond that are ours in the long run, however fast we may go at this moment. */
  get lasting(): number {
    return Math.max(this.#full * leastShare, Math.min(this.#full, this.#limit - this.#theirs))
  }

  /** `ours` counts the requests of our own that left in a span of time. */
  look(signs: LimitSigns, leftAt: number, now: number, ours: (from: number, to: number) => number): void {
    const { limit = 0, remaining, resetMs } = signs
    if (remaining === undefined || resetMs === undefined || limit <= 0) return
    const windowMs = this.#windowOf(resetMs)
    this.#limit = limit / windowMs
    if (leftAt - this.#lookedAt < lookEveryMs) return
    const begin = now + resetMs - windowMs
    const elapsed = leftAt - begin
    if (elapsed < tooEarlyMs) return
    this.#lookedAt = leftAt
    const unexplained = limit - remaining - ours(begin, leftAt) - limit * tolerance
    // Of an hour we do not remember all our own requests, and of a few seconds a rounded reset is too large a part; then
    // only the limit itself counts.
    const theirs = windowMs === minuteMs ? Math.max(0, unexplained) / elapsed : 0
    const fair = limit / windowMs - theirs
    const left = theirs > 0 && resetMs > tooEarlyMs ? remaining / resetMs - theirs : fair
    const target = Math.min(this.#full, Math.max(this.#full * leastShare, Math.min(fair, left)))
    this.#own += (target - this.#own) * easing
    this.#theirs += (theirs - this.#theirs) * easing
  }

  /** A limit by the second has its reset within a second; one by the minute only at the end of the minute. */
  #windowOf(resetMs: number): number {
    if (resetMs > minuteMs + roundingMs) return hourMs
    this.#furthestResetMs = Math.max(this.#furthestResetMs, resetMs)
    return this.#furthestResetMs > this.#ownWindowMs + roundingMs ? minuteMs : this.#ownWindowMs
  }
}

const minuteMs = 60_000
const hourMs = 3_600_000
/** A reset in whole seconds may lie this much too late. */
const roundingMs = 1000
const lookEveryMs = 1000
/** Early in a window a few requests prove nothing; at its very end nothing can be made up for. */
const tooEarlyMs = 3000
/** What requests under way and rounded headers may be wrong by, as a share of the limit. */
const tolerance = 0.03
/** However much others use, so much we keep asking for. */
const leastShare = 0.05
/** Two processes that make room for each other would swing if they moved all the way at once. */
const easing = 0.3
