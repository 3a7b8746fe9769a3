import type { Rate } from '../model/exchange.ts'
import type { Clock } from './clock.ts'
import type { Permit } from './permits.ts'

/** Decides when the next request may leave. */
export interface Pace {
  /** Resolves when a request may leave, and counts it as left. */
  start: (signal: AbortSignal) => Promise<void>
  /** Nobody leaves before this moment. */
  pauseUntil: (ms: number) => void
  /** The pause under way, if any. */
  pausedUntil: () => number
}

/**
 * Permits space the requests evenly. On top of them stands the promise itself: no window of the rate's length, wherever
 * it begins, holds more requests than the rate. A pause holds everyone.
 */
export function createPace(rate: Rate, permit: Permit, clock: Clock): Pace {
  let resumeAt = 0
  const starts =
    rate === 'off' ? null : new LastStarts(rate.requests, rate.windowMs + Math.min(100, rate.windowMs / 200))

  async function start(signal: AbortSignal): Promise<void> {
    await permit(signal)
    for (;;) {
      const wait = Math.max(resumeAt, starts?.freeAt() ?? 0) - clock.now()
      if (wait <= 0 || signal.aborted) break
      await clock.sleep(Math.min(wait, 60_000), signal)
    }
    starts?.add(clock.now())
  }

  return {
    start,
    pauseUntil: ms => {
      resumeAt = Math.max(resumeAt, ms)
    },
    pausedUntil: () => (resumeAt > clock.now() ? resumeAt : 0),
  }
}

/** The last so many starts; the oldest of them says when the window has room again. */
class LastStarts {
  readonly #times: Float64Array
  readonly #windowMs: number
  #next = 0

  constructor(size: number, windowMs: number) {
    this.#times = new Float64Array(size).fill(Number.NEGATIVE_INFINITY)
    this.#windowMs = windowMs
  }

  freeAt(): number {
    return (this.#times[this.#next] ?? 0) + this.#windowMs
  }

  add(time: number): void {
    this.#times[this.#next] = time
    this.#next = (this.#next + 1) % this.#times.length
  }
}
