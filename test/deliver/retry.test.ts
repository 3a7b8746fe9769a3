import { describe, expect, test } from 'vitest'
import { backoffMs, nextStep, pauseOf } from '../../src/deliver/retry.ts'
import type { Stop } from '../../src/model/stop.ts'

const now = 1_714_979_289_000
const host = 'https://rest.iad-01.braze.com'

describe('what follows from an answer', () => {
  test.each([200, 201, 202, 400, 408, 413, 422])('%i: the API has spoken', status => {
    expect(step(status)).toEqual({ do: 'settle' })
  })
  test.each([500, 502, 503, 504, 520, 599])('%i: nobody can say whether it was applied', status => {
    expect(step(status)).toEqual({ do: 'doubt' })
  })
  test.each([401, 403, 404, 301, 302, 307])('%i: no request of this run can succeed', status => {
    expect(step(status).do).toBe('stop')
  })
  test('429: nothing was applied, so it is tried again', () => {
    expect(step(429, { 'retry-after': '2' })).toEqual({ do: 'again', pauseMs: 2000 })
    expect(step(429)).toEqual({ do: 'again' })
  })
  test('an answer cut short counts by its status, which is known', () => {
    expect(step(201, {}, false)).toEqual({ do: 'settle' })
    expect(step(502, {}, false)).toEqual({ do: 'doubt' })
  })
})

describe('what follows from a lost answer', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s before a byte left: tried again',
    reason => {
      expect(nextStep({ lost: { sent: false, reason } }, now, host)).toEqual({ do: 'again' })
    },
  )
  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'])(
    '%s after the request may have left: in doubt',
    reason => {
      expect(nextStep({ lost: { sent: true, reason } }, now, host)).toEqual({ do: 'doubt' })
    },
  )
})

describe('what a refusal says', () => {
  test('401 names the host, the key and where to look', () => {
    const { exit, message, next } = stopOf(401)
    expect(exit).toBe('refused')
    expect(message).toContain(host)
    expect(message).toContain('401')
    expect(next).toMatch(/BRAZE_API_KEY.*BRAZE_API_URL/)
  })
  test('403 names the host, the permission and the beta', () => {
    const { exit, message, next } = stopOf(403)
    expect([exit, message.includes(host)]).toEqual(['refused', true])
    expect(next).toContain('users.track.sync')
    expect(next).toContain('beta')
  })
  test('404 names the host, the address to check and the beta', () => {
    const { exit, message, next } = stopOf(404)
    expect([exit, message.includes(host)]).toEqual(['refused', true])
    expect(next).toContain('BRAZE_API_URL')
    expect(next).toContain('beta')
  })
  test('a redirect is a wrong address', () => {
    const { exit, message, next } = stopOf(302)
    expect([exit, message.includes(host), next]).toEqual(['refused', true, 'Check BRAZE_API_URL.'])
  })
})

describe('how long a 429 asks everyone to wait', () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ['retry-after in seconds', { 'retry-after': '7' }, 7000],
    ['x-ratelimit-retry-after in seconds', { 'x-ratelimit-retry-after': '3' }, 3000],
    [
      'x-ratelimit-retry-after before all others',
      { 'x-ratelimit-retry-after': '3', 'retry-after': '9', 'x-ratelimit-reset': '50' },
      3000,
    ],
    ['retry-after before the reset', { 'retry-after': '9', 'x-ratelimit-reset': '50' }, 9000],
    ['a reset as epoch seconds', { 'x-ratelimit-reset': String(now / 1000 + 12) }, 12_000],
    ['a reset as seconds to go', { 'x-ratelimit-reset': '42' }, 42_000],
    ['a reset that has passed', { 'x-ratelimit-reset': String(now / 1000 - 12) }, 0],
    ['no header', {}, undefined],
    [
      'the other two of the family alone',
      { 'x-ratelimit-limit': '500', 'x-ratelimit-remaining': '0' },
      undefined,
    ],
    ['a date, which the API never sends', { 'retry-after': 'Mon, 06 May 2024 07:08:10 GMT' }, undefined],
    ['a number below zero', { 'retry-after': '-1' }, undefined],
    ['a wait without end', { 'retry-after': 'Infinity' }, undefined],
  ])('%s', (_name, headers, pauseMs) => {
    expect(pauseOf(headers, now)).toBe(pauseMs)
  })
})

describe('back-off', () => {
  test('is at most 1 s, 2 s, 4 s … and never more than 60 s, however often it was tried', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100, 5000].map(attempt => backoffMs(attempt, () => 1))
    expect(longest).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000])
  })
  test('is drawn from zero to that, so that many do not come back together', () => {
    const drawn = [0, 0.25, 0.5, 0.999].map(random => backoffMs(3, () => random))
    expect(drawn).toEqual([0, 1000, 2000, 3996])
  })
})

function step(status: number, headers: Record<string, string> = {}, complete = true) {
  return nextStep({ answer: { status, headers, body: '', complete } }, now, host)
}

function stopOf(status: number): Stop {
  const next = step(status)
  if (next.do !== 'stop') throw new Error(`${status} does not stop the run`)
  return next.stop
}

test('a header that cannot be read does not hide the one that can, and no pause is longer than an hour', () => {
  const headers = { 'retry-after': 'Mon, 23 Nov 2026 04:00:00 GMT', 'x-ratelimit-reset': '7' }
  expect(pauseOf(headers, 0)).toBe(7000)
  expect(pauseOf({ 'retry-after': '999999999' }, 0)).toBe(3_600_000)
})
