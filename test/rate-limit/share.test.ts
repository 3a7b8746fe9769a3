import { describe, expect, test } from 'vitest'
import { createRateLimit } from '../../src/rate-limit/rate-limit.ts'
import { spacingOf } from '../../src/rate-limit/spacing.ts'
import type { Answer } from '../../src/model/exchange.ts'
import { RequestLimiter, type RateLimitSettings } from '../../src/sandbox/limiter.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const usual = { requests: 500, windowMs: 60_000 }
const never = new AbortController().signal
const minute = 60_000

/** Another tool that uses the limit: requests a minute, from when, until when. */
interface Other {
  perMinute: number
  from: number
  until: number
}

describe.each<[string, RateLimitSettings]>([
  ['a fixed window, its reset as a moment', {}],
  ['a fixed window, its reset as seconds to go', { reset: 'delta', on429: 'all' }],
  ['a rolling window', { window: 'rolling' }],
])('a limit that is shared, with %s', (_name, settings) => {
  test('is left to the other tool while it needs it, and used whole again after', async () => {
    const other = { perMinute: 200, from: 5 * minute, until: 15 * minute }
    const { perMinute, turnedBack } = await drive(25 * minute, settings, [other])
    // Alone: everything.
    for (const count of perMinute.slice(1, 5)) expect(count).toBeGreaterThanOrEqual(0.99 * 500)
    // Beside the other: what it leaves, after two minutes of finding out.
    for (const count of perMinute.slice(7, 15)) {
      expect(count).toBeGreaterThanOrEqual(255)
      expect(count).toBeLessThanOrEqual(320)
    }
    // Alone again: everything, after two minutes.
    for (const count of perMinute.slice(17, 25)) expect(count).toBeGreaterThanOrEqual(0.99 * 500)
    // A rolling window that is full when the other begins turns somebody back at once.
    expect(turnedBack.ours).toBeLessThanOrEqual(settings.window === 'rolling' ? 40 : 12)
  })

  test('of 40 a second is used whole, whether its window is a second or a minute', async () => {
    const rate = { requests: 40, windowMs: 1000 }
    for (const [limit, windowMs] of [
      [40, 1000],
      [2400, minute],
    ] as const) {
      const { perMinute } = await drive(4 * minute, { ...settings, limit }, [], { rate, windowMs })
      for (const count of perMinute) expect(count).toBeGreaterThanOrEqual(0.97 * 2400)
    }
  })

  test('of a minute is found to be lower than a rate by the second', async () => {
    const { perMinute } = await drive(8 * minute, { ...settings, limit: 250 }, [], {
      rate: { requests: 40, windowMs: 1000 },
    })
    for (const count of perMinute.slice(3)) {
      expect(count).toBeGreaterThanOrEqual(190)
      expect(count).toBeLessThanOrEqual(255)
    }
  })

  test('is not given up because of what a slow answer or a rounded header seems to say', async () => {
    const { perMinute, turnedBack } = await drive(10 * minute, settings, [])
    for (const count of perMinute.slice(1)) expect(count).toBeGreaterThanOrEqual(0.99 * 500)
    expect(turnedBack.ours).toBe(0)
  })
})

test('a limit that is lower than we were told is kept, once an answer says so', async () => {
  const { perMinute, turnedBack } = await drive(10 * minute, { limit: 250 }, [])
  for (const count of perMinute.slice(3)) {
    expect(count).toBeGreaterThanOrEqual(225)
    expect(count).toBeLessThanOrEqual(255)
  }
  expect(turnedBack.ours).toBeLessThanOrEqual(60)
})

test('two that heed each other share the limit and do not starve', async () => {
  const { perMinute, second } = await drive(20 * minute, {}, [], { twice: true })
  const both = perMinute.map((count, i) => count + (second[i] ?? 0))
  for (const count of both.slice(5)) expect(count).toBeGreaterThanOrEqual(0.85 * 500)
  for (const count of [...perMinute.slice(5), ...second.slice(5)]) expect(count).toBeGreaterThanOrEqual(50)
})

test('ten hours at 500 a minute against a window that is strict wherever it begins: no 429, and 99 % of it used', async () => {
  const { perMinute, turnedBack } = await drive(600 * minute, { window: 'rolling' }, [])
  const sent = perMinute.reduce((sum, count) => sum + count, 0)
  expect(turnedBack.ours).toBe(0)
  expect(sent / (600 * 500)).toBeGreaterThanOrEqual(0.99)
})

/** Sends for so long at full rate beside other tools. What was accepted, minute by minute; what was turned back. */
async function drive(
  ms: number,
  settings: RateLimitSettings,
  others: Other[],
  { twice = false, rate = usual, windowMs = minute } = {},
) {
  // Not at the beginning of a clock minute, so that fixed windows begin somewhere in between.
  const clock = new SimulatedClock(Date.parse('2024-05-06T07:08:23.400Z'))
  const begin = clock.now()
  const server = new RequestLimiter(settings, windowMs)
  const turnedBack = { ours: 0, theirs: 0 }
  const minutes = () => Array.from({ length: ms / minute }, () => 0)
  const [perMinute, second] = [minutes(), minutes()]
  for (const { perMinute: count, from, until } of others) {
    for (let at = from; at < until; at += minute / count) {
      clock.after(at, () => {
        if (!server.take(clock.now()).allowed) turnedBack.theirs++
      })
    }
  }

  async function send(counts: number[]): Promise<void> {
    const rateLimit = createRateLimit(rate, { permit: evenly(clock, rate), clock, random: () => 0.5 })
    for (let i = 0; ; i++) {
      await rateLimit.acquire(never)
      const leftAt = clock.now()
      if (leftAt - begin >= ms) return
      const { allowed, headers } = server.take(leftAt)
      if (!allowed) turnedBack.ours++
      const slot = Math.floor((leftAt - begin) / minute)
      if (allowed) counts[slot] = (counts[slot] ?? 0) + 1
      const answer: Answer = { status: allowed ? 201 : 429, headers, body: '{}', complete: true }
      clock.after(40 + ((i * 37) % 400), () => rateLimit.observe(answer, leftAt))
    }
  }
  await clock.finish(Promise.all([send(perMinute), ...(twice ? [send(second)] : [])]))
  return { perMinute, second, turnedBack }
}

/** Permits as Bottleneck gives them: evenly spaced, none saved up. */
function evenly(clock: SimulatedClock, rate: typeof usual): () => Promise<void> {
  let next = 0
  return async () => {
    const at = Math.max(next, clock.now())
    next = at + spacingOf(rate)
    await clock.sleep(at - clock.now())
  }
}
