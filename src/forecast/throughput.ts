/** What limits the run until the next change. */
export interface Conditions {
  /** Requests per millisecond that the rate limit permits in the long run; null if there is none. */
  permittedPerMs: number | null
  /** When the current pause ends, or 0. */
  pausedUntil: number
  /** Whether only rows of hot users are waiting, so that they and not the rate limit hold up the run. */
  isHeldUp: boolean
}

const minuteMs = 60_000
/** A measurement counts half after this long. */
const halfLifeMs = 10 * minuteMs
const pausesMax = 20
/** Even a run in which everything fails makes some progress. */
const minShare = 0.001

/** Measures a run: how much of its rate limit it uses, what a request achieves, and how often it pauses. */
export class Throughput {
  #conditions: Conditions = { permittedPerMs: null, pausedUntil: 0, isHeldUp: false }
  /** The moment up to which everything below is counted; undefined before the first request. */
  #now: number | undefined
  #lastSentAt = 0
  #requests = 0
  /** The requests up to each second of the last minute. */
  #seconds: { at: number; requests: number }[] = []
  /** Time outside of pauses and in pauses, and both at the end of each recent pause. */
  #runningMs = 0
  #pausedMs = 0
  #pauses: { runningMs: number; pausedMs: number }[] = []
  /** Fading sums: requests permitted and sent, their answers, and the rows settled by those. */
  #permitted = 0
  #sent = 0
  #answers = 0
  #settled = 0

  /** Counts the time since the last call, during which conditions did not change. */
  advance(now: number): void {
    if (this.#now === undefined) return
    const { permittedPerMs, pausedUntil, isHeldUp } = this.#conditions
    const pausedMs = Math.max(0, Math.min(now, pausedUntil) - this.#now)
    const runningMs = now - this.#now - pausedMs
    this.#now = now
    this.#pausedMs += pausedMs
    if (pausedMs > 0 && now >= pausedUntil) {
      this.#pauses.push({ runningMs: this.#runningMs, pausedMs: this.#pausedMs })
      if (this.#pauses.length > pausesMax) this.#pauses.shift()
    }
    this.#runningMs += runningMs
    const fade = 0.5 ** (runningMs / halfLifeMs)
    this.#permitted = this.#permitted * fade + (isHeldUp ? 0 : runningMs * (permittedPerMs ?? 1))
    this.#sent *= fade
    this.#answers *= fade
    this.#settled *= fade
    if (now - (this.#seconds.at(-1)?.at ?? 0) >= 1000)
      this.#seconds.push({ at: now, requests: this.#requests })
    while ((this.#seconds[1]?.at ?? now) <= now - minuteMs) this.#seconds.shift()
  }

  setConditions(conditions: Conditions): void {
    this.#conditions = conditions
  }

  sent(now: number): void {
    if (this.#now === undefined) this.#seconds.push({ at: now, requests: 0 })
    this.#now = now
    this.#lastSentAt = now
    this.#requests++
    if (!this.#conditions.isHeldUp) this.#sent++
  }

  /** A request that was answered with 429 achieved nothing. */
  rateLimited(): void {
    this.#sent--
  }

  answered(): void {
    this.#answers++
  }

  settled(): void {
    this.#settled++
  }

  /** Requests in the last minute; extrapolated in the first minute. */
  get perMinute(): number {
    const [first] = this.#seconds
    if (first === undefined || this.#requests < 2) return this.#requests
    const sent = this.#requests - first.requests
    const elapsedMs = (this.#now ?? 0) - first.at
    if (elapsedMs >= minuteMs) return (sent * minuteMs) / elapsedMs
    return ((sent - 1) * minuteMs) / Math.max(1, this.#lastSentAt - first.at)
  }

  /** Requests per millisecond, pauses aside. */
  get perMs(): number {
    const { permittedPerMs } = this.#conditions
    const used = Math.max(minShare, this.#permitted > 0 ? this.#sent / this.#permitted : 1)
    return permittedPerMs === null ? used : permittedPerMs * Math.min(1, used)
  }

  /** Less than 1 where requests fail, more where rows share one. */
  get rowsPerRequest(): number {
    return this.#answers > 0 ? Math.max(minShare, this.#settled / this.#answers) : 1
  }

  /** How long the run will pause over so much running time. A single pause so far is no reason to expect another. */
  pauseMsIn(runningMs: number): number {
    const [first, last] = [this.#pauses[0], this.#pauses.at(-1)]
    if (first === undefined || last === undefined || first === last) return 0
    const intervals = this.#pauses.length - 1
    const isPaused = this.#conditions.pausedUntil > (this.#now ?? 0)
    const sinceLast = isPaused ? 0 : this.#runningMs - last.runningMs
    // An overdue pause makes pauses rarer.
    const every = Math.max(1, sinceLast, (last.runningMs - first.runningMs) / intervals)
    return (Math.floor((sinceLast + runningMs) / every) * (last.pausedMs - first.pausedMs)) / intervals
  }
}

/** Older values fade from a mean of more than this many. */
const windowSize = 1000

/** The mean of recent values. */
export class Mean {
  #count = 0
  #mean = 0

  get value(): number {
    return this.#mean
  }

  add(value: number): void {
    this.#count = Math.min(this.#count + 1, windowSize)
    this.#mean += (value - this.#mean) / this.#count
  }

  /** This mean, drawn towards the prior while there are few values. */
  withPrior(prior: number, weight: number): number {
    return (this.#mean * this.#count + prior * weight) / (this.#count + weight)
  }
}
