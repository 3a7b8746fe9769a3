import { type Pause, sliceMsMin, slicesMax, type Timeline } from '../model/timeline.ts'
import type { Entry } from './entry.ts'

/** Pauses kept; the longest of them are what a reader looks for. */
const pausesMax = 40
/** A pause lasts at least this long, and at least this many times the spacing of the rate. */
const pauseMsMin = 2000
const pauseSpacings = 5

/** Gathers what the requests of a run did over time; however long the run, it takes the same room. */
export class OverTime {
  readonly timeline: Timeline = {
    sliceMs: sliceMsMin,
    sent: [],
    limited: [],
    legs: [],
    pauses: [],
    paused: { times: 0, ms: 0 },
  }
  /** When the leg's latest request left; undefined before its first. */
  #sentAt: number | undefined
  #wasLimited = false

  /** `at` is how much work had been done when the entry was written. */
  add(entry: Entry, at: number, awayMs: number): void {
    if (entry.t === 'run' || entry.t === 'resumed') {
      const { at: startedAt, limitPerMinute } = entry
      this.timeline.legs.push({ startedAt, from: at, awayMs, limitPerMinute })
      this.#sentAt = undefined
      this.#wasLimited = false
    }
    // One request that carries several objects has a line for each.
    if (entry.t === 'sent' && entry.with === undefined) this.#left(at)
    if (entry.t === 'answered' && entry.with === undefined && entry.status === 429) {
      this.#count('limited', at)
      this.#wasLimited = true
    }
  }

  #left(at: number): void {
    this.#count('sent', at)
    if (this.#sentAt !== undefined && at - this.#sentAt >= this.#pauseMs) {
      this.#paused({ from: this.#sentAt, to: at, limited: this.#wasLimited })
    }
    this.#sentAt = at
    this.#wasLimited = false
  }

  get #pauseMs(): number {
    const limit = this.timeline.legs.at(-1)?.limitPerMinute ?? null
    return limit === null ? pauseMsMin : Math.max(pauseMsMin, (60_000 / limit) * pauseSpacings)
  }

  #paused(pause: Pause): void {
    const { pauses, paused } = this.timeline
    paused.times++
    paused.ms += pause.to - pause.from
    pauses.push(pause)
    if (pauses.length <= pausesMax) return
    const shortest = pauses.reduce((least, one) => (lengthOf(one) < lengthOf(least) ? one : least))
    pauses.splice(pauses.indexOf(shortest), 1)
  }

  #count(series: 'sent' | 'limited', at: number): void {
    while (at >= this.timeline.sliceMs * slicesMax) this.#widen()
    const counts = this.timeline[series]
    const slice = Math.floor(at / this.timeline.sliceMs)
    while (counts.length <= slice) counts.push(0)
    counts[slice] = (counts[slice] ?? 0) + 1
  }

  #widen(): void {
    this.timeline.sliceMs *= 2
    this.timeline.sent = halved(this.timeline.sent)
    this.timeline.limited = halved(this.timeline.limited)
  }
}

function lengthOf({ from, to }: Pause): number {
  return to - from
}

/** Each two neighbours as one. */
function halved(counts: readonly number[]): number[] {
  return Array.from(
    { length: Math.ceil(counts.length / 2) },
    (_, i) => (counts[i * 2] ?? 0) + (counts[i * 2 + 1] ?? 0),
  )
}
