/** What an answer says of the limit; each part is there only where the answer says it. */
export interface LimitSigns {
  limit?: number
  remaining?: number
  /** Milliseconds until the window is new. */
  resetMs?: number
  /** Milliseconds to wait before the next request. */
  retryAfterMs?: number
}

/**
 * Reads the headers of the limit. Two families are documented: limit, remaining and a reset as epoch seconds or as
 * seconds to go; and a retry-after in their place. Source: contract §7. A plain `Retry-After` may also be a date (RFC 9110).
 */
export function readLimit(headers: Record<string, string>, now: number): LimitSigns {
  const signs: LimitSigns = {}
  const limit = numberOf(headers['x-ratelimit-limit'])
  const remaining = numberOf(headers['x-ratelimit-remaining'])
  const reset = numberOf(headers['x-ratelimit-reset'])
  const retryAfter = numberOf(headers['x-ratelimit-retry-after']) ?? numberOf(headers['retry-after'])
  const retryAt = momentOf(headers['retry-after'])
  const theirNow = theirClock(headers, now)
  if (limit !== undefined) signs.limit = limit
  if (remaining !== undefined) signs.remaining = remaining
  if (reset !== undefined) signs.resetMs = reset >= epochFrom ? reset * 1000 - theirNow : reset * 1000
  if (retryAfter !== undefined) signs.retryAfterMs = retryAfter * 1000
  else if (retryAt !== undefined) signs.retryAfterMs = retryAt - theirNow
  return signs
}

/** How long a 429 asks everyone to wait; undefined where it does not say, or says a moment that has passed. */
export function pauseOf(headers: Record<string, string>, now: number): number | undefined {
  const { retryAfterMs, resetMs } = readLimit(headers, now)
  const pause = [retryAfterMs, resetMs].find(ms => ms !== undefined && ms > 0)
  return pause === undefined ? undefined : Math.min(longestPauseMs, pause)
}

/** Seconds from here on are a moment, below they are a wait. */
const epochFrom = 1e9
/** The longest window the API has is an hour; an answer that asks for more is not believed. */
const longestPauseMs = 3_600_000
/** A difference of clocks below this is the rounding of the header and the way of the answer. */
const skewMs = 2000

/** Moments in an answer are by the server's clock. */
function theirClock(headers: Record<string, string>, now: number): number {
  const theirs = momentOf(headers['date'])
  return theirs === undefined || Math.abs(theirs - now) < skewMs ? now : theirs
}

/** `Mon, 06 May 2024 07:08:10 GMT`; other texts are read as dates by nobody but JavaScript. */
function momentOf(text = ''): number | undefined {
  const ms = text.endsWith(' GMT') ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text || Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
