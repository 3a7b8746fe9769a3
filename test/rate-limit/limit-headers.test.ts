import { describe, expect, test } from 'vitest'
import { pauseOf, readLimit } from '../../src/rate-limit/limit-headers.ts'

const now = 1_714_979_289_000

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
    ['a reset that has passed', { 'x-ratelimit-reset': String(now / 1000 - 12) }, undefined],
    ['a wait of nothing', { 'retry-after': '0' }, undefined],
    ['no header', {}, undefined],
    [
      'the other two of the family alone',
      { 'x-ratelimit-limit': '500', 'x-ratelimit-remaining': '0' },
      undefined,
    ],
    ['a date', { 'retry-after': new Date(now + 5000).toUTCString() }, 5000],
    ['text that only JavaScript takes for a date', { 'retry-after': 'May 2099' }, undefined],
    ['an hour', { 'retry-after': '3600' }, 3_600_000],
    ['more than any window is long', { 'retry-after': '999999999' }, undefined],
    ['a reset as epoch milliseconds', { 'x-ratelimit-reset': String(now + 12_000) }, 12_000],
    ['a reset as epoch milliseconds that has passed', { 'x-ratelimit-reset': String(now - 1) }, undefined],
    ['a reset as milliseconds to go', { 'x-ratelimit-reset': '42000' }, 42_000],
    ['a reset in ten years', { 'x-ratelimit-reset': String(now / 1000 + 315_360_000) }, undefined],
    ['a reset in ten years, as milliseconds', { 'x-ratelimit-reset': String(now + 3.2e11) }, undefined],
    ['a reset as a date', { 'x-ratelimit-reset': new Date(now + 3000).toISOString() }, 3000],
    [
      'the next header, where the first cannot be',
      { 'retry-after': '999999', 'x-ratelimit-reset': '7' },
      7000,
    ],
    [
      'a header that cannot be read hides none that can',
      { 'retry-after': 'soon', 'x-ratelimit-reset': '7' },
      7000,
    ],
    [
      'a moment by the clock of the server, where it says what that is',
      { date: new Date(now + 100_000).toUTCString(), 'x-ratelimit-reset': String(now / 1000 + 112) },
      12_000,
    ],
    ['a number below zero', { 'retry-after': '-1' }, undefined],
    ['a wait without end', { 'retry-after': 'Infinity' }, undefined],
  ])('%s', (_name, headers, pauseMs) => {
    expect(pauseOf(headers, now)).toBe(pauseMs)
  })
})

test('limit, remaining and reset are read together; what is not there is left out', () => {
  const headers = { 'x-ratelimit-limit': '500', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' }
  expect(readLimit(headers, now)).toEqual({ limit: 500, remaining: 0, resetMs: 30_000 })
  expect(readLimit({ 'x-ratelimit-remaining': 'many' }, now)).toEqual({})
})
