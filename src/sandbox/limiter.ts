import { limits } from '../braze/limits.ts'

/** How the sandbox counts requests and what it says of the count; the documentation gives two readings of each. */
export interface RateLimitSettings {
  /** Requests in a window of 60 s; `off` for none. Default 500. */
  limit?: number | 'off'
  /** `fixed`: windows of a clock minute, one after the other (default). `rolling`: any 60 s. */
  window?: 'fixed' | 'rolling'
  /** `X-RateLimit-Reset` as `epoch` seconds (default) or as the seconds that are left (`delta`). */
  reset?: 'epoch' | 'delta'
  /** What a 429 carries: `retry-after` alone (default), or `all` headers. */
  on429?: 'retry-after' | 'all'
}

const windowMs = 60_000

/** Counts the requests of a workspace; the time is passed in. */
export class RateLimit {
  readonly #settings: Required<RateLimitSettings>
  #starts: number[] = []

  constructor({
    limit = limits.requestsPerMinute.max,
    window = 'fixed',
    reset = 'epoch',
    on429 = 'retry-after',
  }: RateLimitSettings = {}) {
    this.#settings = { limit, window, reset, on429 }
  }

  /** Counts one request: whether it is within the limit, and the headers its answer carries. */
  take(now: number): { allowed: boolean; headers: Record<string, string> } {
    const { limit, window, reset, on429 } = this.#settings
    if (limit === 'off') return { allowed: true, headers: {} }
    const begin = window === 'fixed' ? Math.floor(now / windowMs) * windowMs : now - windowMs
    const gone = this.#starts.findIndex(start => (window === 'fixed' ? start >= begin : start > begin))
    this.#starts = gone < 0 ? [] : this.#starts.slice(gone)
    const allowed = this.#starts.length < limit
    if (allowed) this.#starts.push(now)
    const resetAt = window === 'fixed' ? begin + windowMs : (this.#starts[0] ?? now) + windowMs
    const seconds = Math.ceil((resetAt - now) / 1000)
    const full = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - this.#starts.length),
      'x-ratelimit-reset': String(reset === 'epoch' ? Math.ceil(resetAt / 1000) : seconds),
    }
    if (allowed) return { allowed, headers: full }
    return { allowed, headers: on429 === 'all' ? full : { 'x-ratelimit-retry-after': String(seconds) } }
  }
}
