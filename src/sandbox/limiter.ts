import { endpoints } from '../braze/endpoints.ts'

/** How the sandbox limits requests and reports the limit. Where the documentation is ambiguous, both readings exist. */
export interface RateLimitSettings {
  /** Requests in a window of 60 s, or `off`. Default 500. */
  limit?: number | 'off'
  /** `fixed`: one window per clock minute (default). `rolling`: any 60 s. */
  window?: 'fixed' | 'rolling'
  /** `X-RateLimit-Reset` in `epoch` seconds (default) or as the remaining seconds (`delta`). */
  reset?: 'epoch' | 'delta'
  /** The headers of a 429: `retry-after` only (default), or `all`. */
  on429?: 'retry-after' | 'all'
}

/** Limits the requests of a workspace to one endpoint. */
export class RequestLimiter {
  readonly #settings: Required<RateLimitSettings>
  readonly #windowMs: number
  #counted: number[] = []

  constructor(
    {
      limit = endpoints.trackSync.rate.requests,
      window = 'fixed',
      reset = 'epoch',
      on429 = 'retry-after',
    }: RateLimitSettings = {},
    windowMs = endpoints.trackSync.rate.windowMs as number,
  ) {
    this.#settings = { limit, window, reset, on429 }
    this.#windowMs = windowMs
  }

  /** Counts a request. Returns whether it is within the limit, and the headers of its response. */
  take(now: number): { allowed: boolean; headers: Record<string, string> } {
    const { limit, window, reset, on429 } = this.#settings
    if (limit === 'off') return { allowed: true, headers: {} }
    const windowMs = this.#windowMs
    const windowStart = window === 'fixed' ? Math.floor(now / windowMs) * windowMs : now - windowMs
    const firstInWindow = this.#counted.findIndex(time =>
      window === 'fixed' ? time >= windowStart : time > windowStart,
    )
    this.#counted = firstInWindow < 0 ? [] : this.#counted.slice(firstInWindow)
    const allowed = this.#counted.length < limit
    if (allowed) this.#counted.push(now)
    const resetAt = window === 'fixed' ? windowStart + windowMs : (this.#counted[0] ?? now) + windowMs
    const seconds = Math.ceil((resetAt - now) / 1000)
    const allHeaders = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - this.#counted.length),
      'x-ratelimit-reset': String(reset === 'epoch' ? Math.ceil(resetAt / 1000) : seconds),
    }
    if (allowed) return { allowed, headers: allHeaders }
    return { allowed, headers: on429 === 'all' ? allHeaders : { 'x-ratelimit-retry-after': String(seconds) } }
  }
}
