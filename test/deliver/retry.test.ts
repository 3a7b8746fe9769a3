import { describe, expect, test } from 'vitest'
import { nextStep } from '../../src/deliver/retry.ts'
import type { Stop } from '../../src/model/exit.ts'
import { backoffMs } from '../../src/rate-limit/rate-limit.ts'

const host = 'https://rest.iad-01.braze.com'

const success = '{"message":"success","users":[]}'

describe('what follows from an answer', () => {
  test.each([200, 201])('%i, as the API answers: the row has ended', status => {
    expect(step(status, success)).toEqual({ do: 'settle' })
  })
  test('202: the row has ended, put aside', () => {
    expect(step(202, '{"message":"queued"}')).toEqual({ do: 'settle' })
  })
  test.each([400, 409, 413, 422, 418])('%i: the row has ended, refused', status => {
    expect(step(status)).toEqual({ do: 'settle' })
  })
  test.each([500, 502, 503, 504, 520, 599])('%i: nobody can say whether it was applied', status => {
    expect(step(status)).toEqual({ do: 'doubt' })
  })
  test.each([401, 403, 404, 407, 421, 301, 302, 303, 307, 308])(
    '%i: no request of this run can succeed',
    status => {
      expect(step(status).do).toBe('stop')
    },
  )
  test('429: nothing was applied, so it is tried again once everyone has waited', () => {
    expect(step(429)).toEqual({ do: 'retry', backoff: false })
  })
  test.each([408, 425])('%i: nothing was applied, so it is tried again after a backoff', status => {
    expect(step(status)).toEqual({ do: 'retry', backoff: true })
  })
  test.each([
    ['a sign-in page', 200, '<html><title>Sign in</title></html>'],
    ['a page with 201', 201, '<html></html>'],
    ['nothing', 204, ''],
    ['nothing, with 201', 201, ''],
    ['half of an answer', 201, success.slice(0, -5)],
    ['JSON of somebody else', 200, '{"message":"Please sign in"}'],
    ['a list', 201, '[]'],
    ['an event without a count', 201, '{"users":[{"custom_events":[{"name":"n"}]}],"message":"success"}'],
    ['a page in place of the word that it waits', 202, '<html></html>'],
  ])('%s is no acceptance', (_name, status, body) => {
    expect(step(status, body)).toEqual({ do: 'doubt' })
  })
  test('an answer cut short is no acceptance, whatever its status', () => {
    expect(step(201, success, false)).toEqual({ do: 'doubt' })
    expect(step(502, success, false)).toEqual({ do: 'doubt' })
  })
})

describe('what follows from a lost answer', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s before a byte left: tried again',
    reason => {
      expect(nextStep({ lost: { sent: false, reason } }, host)).toEqual({ do: 'retry', backoff: true })
    },
  )
  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'])(
    '%s after the request may have left: in doubt',
    reason => {
      expect(nextStep({ lost: { sent: true, reason } }, host)).toEqual({ do: 'doubt' })
    },
  )
})

describe('what a refusal says', () => {
  test.each([401, 403, 404])('%i names the host, the permission and the closed beta', status => {
    const { exit, message, next } = stopOf(status)
    expect(exit).toBe('refused')
    expect(message).toContain(host)
    expect(message).toContain(String(status))
    expect(next).toContain('users.track.sync')
    expect(next).toContain('closed beta')
  })
  test.each([401, 404])('%i names the address to check', status => {
    expect(stopOf(status).next).toContain('BRAZE_API_URL')
  })
  test('401 names the key', () => {
    expect(stopOf(401).next).toContain('BRAZE_API_KEY')
  })
  test('a redirect is a wrong address', () => {
    const { exit, message, next } = stopOf(302)
    expect([exit, message.includes(host), next]).toEqual(['refused', true, 'Check BRAZE_API_URL.'])
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

function step(status: number, body = '', complete = true) {
  return nextStep({ answer: { status, headers: {}, body, complete } }, host)
}

function stopOf(status: number): Stop {
  const next = step(status)
  if (next.do !== 'stop') throw new Error(`${status} does not stop the run`)
  return next.stop
}
