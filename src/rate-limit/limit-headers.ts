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
  const theirNow = theirClock(headers, now)
  const reset = resetMsOf(headers['x-ratelimit-reset'], theirNow)
  const retryAt = momentOf(headers['retry-after'])
  const waits = [
    secondsOf(headers['x-ratelimit-retry-after']),
    secondsOf(headers['retry-after']),
    retryAt === undefined ? undefined : retryAt - theirNow,
  ].filter(isSane)
  if (limit !== undefined) signs.limit = limit
  if (remaining !== undefined) signs.remaining = remaining
  if (isSane(reset)) signs.resetMs = reset
  if (waits[0] !== undefined) signs.retryAfterMs = waits[0]
  return signs
}

/** A moment that has passed, or that is further away than any window of the API, says nothing. */
function isSane(ms: number | undefined): ms is number {
  return ms !== undefined && ms >= 0 && ms <= longestPauseMs + skewMs
}

/** How long a 429 asks everyone to wait; undefined where it does not say, or says what cannot be. */
export function pauseOf(headers: Record<string, string>, now: number): number | undefined {
  const { retryAfterMs, resetMs } = readLimit(headers, now)
  return [retryAfterMs, resetMs].find(ms => ms !== undefined && ms > 0)
}

/** A reset from here on is a moment in seconds, and from there on in milliseconds; below it is a wait. */
const epochFrom = 1e9
const epochMsFrom = 1e12
/** The longest window the API has is an hour; an answer that asks for more is not believed. Source: contract §7. */
const longestPauseMs = 3_600_000

/** Milliseconds until the window is new. The documentation says seconds, as a moment or to go; some send milliseconds. */
function resetMsOf(text: string | undefined, theirNow: number): number | undefined {
  const moment = isoMoment(text)
  if (moment !== undefined) return moment - theirNow
  const reset = numberOf(text)
  if (reset === undefined) return undefined
  if (reset >= epochMsFrom) return reset - theirNow
  if (reset >= epochFrom) return reset * 1000 - theirNow
  return reset * 1000 > longestPauseMs ? reset : reset * 1000
}
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

/** `2024-05-06T07:08:10Z`. */
function isoMoment(text = ''): number | undefined {
  const ms = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

function secondsOf(text: string | undefined): number | undefined {
  const seconds = numberOf(text)
  return seconds === undefined ? undefined : seconds * 1000
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text || Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
