import type { Estimate } from './eta.ts'

const minuteMs = 60_000

/** How many rows ended in the last minute, and when the last one will at that pace. */
export class Pace {
  /** The rows that ended up to each second of the last minute; empty before it begins. */
  readonly #seconds: { at: number; rows: number }[] = []
  #rows = 0

  /** From here on time counts. */
  begin(now: number): void {
    if (this.#seconds.length === 0) this.#seconds.push({ at: now, rows: 0 })
  }

  /** A row has ended. */
  ended(now: number): void {
    this.begin(now)
    this.#rows++
    if (now - (this.#seconds.at(-1)?.at ?? 0) >= 1000) this.#seconds.push({ at: now, rows: this.#rows })
    while ((this.#seconds[1]?.at ?? now) <= now - minuteMs) this.#seconds.shift()
  }

  /** The estimate while this many rows are left; extrapolated in the first minute. */
  estimate(now: number, left: number): Estimate {
    const [first = { at: now, rows: 0 }] = this.#seconds
    const perMinute = ((this.#rows - first.rows) * minuteMs) / Math.max(1000, now - first.at)
    return { perMinute, endsAt: left === 0 || perMinute === 0 ? null : now + (left / perMinute) * minuteMs }
  }
}
