import { describe, expect, test } from 'vitest'
import { RequestLimiter } from '../../src/sandbox/limiter.ts'

const minute = 1_700_000_040_000 // a full minute: 60,000 divides it
const second = 1000

describe('within the limit', () => {
  test('answers carry what is left, and when the window ends as seconds since 1970', () => {
    const limit = new RequestLimiter({ limit: 2 })
    expect(limit.take(minute + 15 * second)).toEqual({
      allowed: true,
      headers: {
        'x-ratelimit-limit': '2',
        'x-ratelimit-remaining': '1',
        'x-ratelimit-reset': String(minute / second + 60),
      },
    })
    expect(limit.take(minute + 16 * second).headers['x-ratelimit-remaining']).toBe('0')
  })

  test('or as the seconds that are left', () => {
    const limit = new RequestLimiter({ limit: 2, reset: 'delta' })
    expect(limit.take(minute + 15 * second).headers['x-ratelimit-reset']).toBe('45')
    expect(limit.take(minute + 15.5 * second).headers['x-ratelimit-reset']).toBe('45')
  })

  test('the default is 500 a minute', () => {
    const limit = new RequestLimiter()
    const allowed = Array.from({ length: 502 }, (_, i) => limit.take(minute + i).allowed)
    expect(allowed.filter(Boolean)).toHaveLength(500)
    expect(allowed.indexOf(false)).toBe(500)
  })

  test('without a limit there are no headers', () => {
    const limit = new RequestLimiter({ limit: 'off' })
    for (let i = 0; i < 1000; i++) expect(limit.take(minute)).toEqual({ allowed: true, headers: {} })
  })
})

describe('over the limit', () => {
  test('only retry-after is said, in seconds', () => {
    const limit = new RequestLimiter({ limit: 1 })
    limit.take(minute + 10 * second)
    expect(limit.take(minute + 40.2 * second)).toEqual({
      allowed: false,
      headers: { 'x-ratelimit-retry-after': '20' },
    })
  })

  test('or the three headers of every answer', () => {
    const epoch = new RequestLimiter({ limit: 1, on429: 'all' })
    const delta = new RequestLimiter({ limit: 1, on429: 'all', reset: 'delta' })
    for (const [limit, reset] of [
      [epoch, String(minute / second + 60)],
      [delta, '20'],
    ] as const) {
      limit.take(minute)
      expect(limit.take(minute + 40 * second)).toEqual({
        allowed: false,
        headers: { 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      })
    }
  })

  test('waiting as long as was said is long enough, and a second less is not', () => {
    for (const window of ['fixed', 'rolling'] as const) {
      const limit = new RequestLimiter({ limit: 1, window })
      limit.take(minute + 10 * second)
      const at = minute + 40 * second
      const wait = Number(limit.take(at).headers['x-ratelimit-retry-after'])
      expect(limit.take(at + (wait - 1) * second).allowed, window).toBe(false)
      expect(limit.take(at + wait * second).allowed, window).toBe(true)
    }
  })

  test('refused requests do not count', () => {
    const limit = new RequestLimiter({ limit: 1, window: 'rolling' })
    limit.take(minute)
    for (let i = 1; i < 60; i++) expect(limit.take(minute + i * second).allowed).toBe(false)
    expect(limit.take(minute + 60 * second).allowed).toBe(true)
  })
})

describe('windows', () => {
  const burst = (window: 'fixed' | 'rolling') => {
    const limit = new RequestLimiter({ limit: 2, window })
    return [58, 59, 60, 61, 62].map(at => limit.take(minute + at * second).allowed)
  }

  test('that are fixed begin anew with the clock minute', () => {
    expect(burst('fixed')).toEqual([true, true, true, true, false])
  })

  test('that roll hold the limit in any 60 seconds', () => {
    expect(burst('rolling')).toEqual([true, true, false, false, false])
  })
})
