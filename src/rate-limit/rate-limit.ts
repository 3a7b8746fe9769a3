import type { Clock } from '../model/clock.ts'
import type { Answer, Rate } from '../model/exchange.ts'
import { pauseOf, readLimit } from './limit-headers.ts'
import { Share } from './share.ts'
import type { Permit } from './spacing.ts'

/** Decides when the next request may leave. */
export interface RateLimit {
  /** Resolves when a request may leave, and counts it as left; nothing to wait for where it may leave at once. */
  acquire: (signal: AbortSignal) => Promise<void> | undefined
  /** Takes note of what a response says of the limit; the request left at `leftAt`. */
  observe: (answer: Answer, leftAt: number) => void
  /** The end of the current pause, or 0. */
  pausedUntil: () => number
  /** Requests a millisecond that it permits in the long run, pauses aside; null where there is no rate. */
  lasting: () => number | null
}

/** What a rate limit is made with, beside the rate. */
export interface RateLimitOptions {
  permit: Permit
  clock: Clock
  random: () => number
  /** When requests left before this process; those that are young enough still count. */
  earlier?: readonly number[]
}

/**
 * Permits space the requests evenly. The promise itself is kept on top of them: no window of the rate's length, wherever
 * it begins, holds more requests than the rate. A 429 makes everyone wait.
 */
export function createRateLimit(
  rate: Rate,
  { permit, clock, random, earlier = [] }: RateLimitOptions,
): RateLimit {
  let resumeAt = 0
  let lastAt = Number.NEGATIVE_INFINITY
  /** Consecutive 429s, but for those that were in flight together. */
  let pauses = 0
  const sent = rate === 'off' ? null : new SlidingWindow(rate)
  const share = rate === 'off' ? null : new Share(rate)
  for (const time of earlier) if (time <= clock.now()) sent?.add(time)

  function acquire(signal: AbortSignal): Promise<void> | undefined {
    const permitted = permit(signal)
    if (permitted === undefined && sent === null && resumeAt === 0) return undefined
    return whenAllowed(permitted, signal)
  }

  async function whenAllowed(permitted: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
    await permitted
    for (;;) {
      const gapEnd = lastAt + (share?.gapMs ?? 0)
      const wait = Math.max(resumeAt, gapEnd, sent?.freeAt() ?? 0) - clock.now()
      if (wait <= 0 || signal.aborted) break
      await clock.sleep(Math.min(wait, 60_000), signal)
    }
    lastAt = clock.now()
    sent?.add(lastAt)
  }

  function observe({ status, headers }: Answer, leftAt: number): void {
    const now = clock.now()
    if (status === 429) {
      // Requests in flight together are limited together; only the first of them makes the pause longer.
      if (now >= resumeAt) pauses++
      pauseUntil(now + (pauseOf(headers, now) ?? backoffMs(pauses, random)))
      return
    }
    pauses = 0
    if (sent === null || share === null) return
    const signs = readLimit(headers, now)
    share.look(signs, leftAt, now, (from, to) => sent.countIn(from, to))
    if (share.isShared && signs.remaining === 0) pauseUntil(now + (signs.resetMs ?? 0))
  }

  function pauseUntil(ms: number): void {
    resumeAt = Math.max(resumeAt, ms)
  }

  return {
    acquire,
    observe,
    pausedUntil: () => (resumeAt > clock.now() ? resumeAt : 0),
    lasting: () => share?.lasting ?? null,
  }
}

/** No endpoint takes more a minute, and a rate that is meant as none must not cost memory. */
const rememberedMax = 100_000

/**
 * The times of the last requests, those of a minute at least; the oldest of as many as a window may hold says when it has
 * room again.
 */
class SlidingWindow {
  readonly #times: Float64Array
  readonly #requests: number
  readonly #windowMs: number
  #next = 0

  constructor({ requests, windowMs }: Exclude<Rate, 'off'>) {
    const perMinute = Math.ceil((requests * 60_000) / windowMs)
    const remembered = Math.max(requests, Math.min(perMinute, rememberedMax))
    this.#times = new Float64Array(remembered).fill(Number.NEGATIVE_INFINITY)
    this.#requests = requests
    // A hair more than the window, for the jitter between leaving here and being counted there.
    this.#windowMs = windowMs + Math.min(100, windowMs / 200)
  }

  freeAt(): number {
    // At a minute or more all that is remembered is one window, and the oldest is the next to be replaced.
    const { length } = this.#times
    return (this.#times[(this.#next + length - this.#requests) % length] ?? 0) + this.#windowMs
  }

  add(time: number): void {
    this.#times[this.#next] = time
    this.#next = (this.#next + 1) % this.#times.length
  }

  /** Requests after `from`, up to `to`. */
  countIn(from: number, to: number): number {
    let count = 0
    for (let back = 1; back <= this.#times.length; back++) {
      const time = this.#times.at(this.#next - back) ?? 0
      if (time <= from) break
      if (time <= to) count++
    }
    return count
  }
}

/** Exponential back-off with full jitter: 1 s, 2 s, 4 s … at most 60 s, each drawn from zero to that. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** (attempt - 1)) * random())
}
