import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Rate } from '../../src/model/exchange.ts'
import { createRateLimit } from '../../src/rate-limit/rate-limit.ts'
import { createSpacing } from '../../src/rate-limit/spacing.ts'
import { systemClock } from '../../src/rate-limit/system-clock.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

/**
 * Bottleneck asks the machine for the time. Here those timers are simulated, so the path of a real run, with
 * Bottleneck and the system clock, passes through hours as well.
 */
beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const never = new AbortController().signal
const limited = (seconds: number) => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  body: '',
  complete: true,
})

describe('the rate limit of a real run', () => {
  test.each<[string, Exclude<Rate, 'off'>, number]>([
    ['500/min', { requests: 500, windowMs: 60_000 }, 10 * 60_000],
    ['8/s', { requests: 8, windowMs: 1000 }, 60_000],
    ['40/s', { requests: 40, windowMs: 1000 }, 60_000],
    ['250/min', { requests: 250, windowMs: 60_000 }, 10 * 60_000],
    ['30/h', { requests: 30, windowMs: 3_600_000 }, 5 * 3_600_000],
  ])('%s holds in every window, and is used', async (_name, rate, ms) => {
    const times = await leaveFor(rate, ms)
    expect(fullestWindow(times, rate.windowMs)).toBeLessThanOrEqual(rate.requests)
    expect(times.length).toBeGreaterThanOrEqual(Math.floor((0.99 * rate.requests * ms) / rate.windowMs))
  })

  test('holds whatever pauses and idle spells come between', async () => {
    const rate = { requests: 10, windowMs: 1000 }
    const event = fc.record({
      idleMs: fc.constantFrom(0, 0, 1, 50, 990, 5000),
      burst: fc.integer({ min: 1, max: 30 }),
      pauseSeconds: fc.constantFrom(0, 0, 0, 1, 3),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 6 }), async events => {
        const rateLimit = limitOf(rate)
        const times: number[] = []
        for (const { idleMs, burst, pauseSeconds } of events) {
          await vi.advanceTimersByTimeAsync(idleMs)
          const resumesAt = Date.now() + pauseSeconds * 1000
          if (pauseSeconds > 0) rateLimit.observe(limited(pauseSeconds), Date.now())
          for (let i = 0; i < burst; i++) {
            await simulated(Promise.resolve(rateLimit.acquire(never)))
            times.push(Date.now())
            if (pauseSeconds > 0) expect(Date.now()).toBeGreaterThanOrEqual(resumesAt)
          }
        }
        expect(fullestWindow(times, rate.windowMs)).toBeLessThanOrEqual(rate.requests)
      }),
      { numRuns: 60 },
    )
  })
})

test('permits by a clock that is passed in come when Bottleneck gives them', async () => {
  const rate = { requests: 10, windowMs: 1000 }
  const event = fc.record({ idleMs: fc.nat({ max: 2000 }), burst: fc.integer({ min: 1, max: 8 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 6 }), async events => {
      vi.useFakeTimers()
      const [theirs, begin, theirTimes] = [createSpacing(rate), Date.now(), [] as number[]]
      for (const { idleMs, burst } of events) {
        await vi.advanceTimersByTimeAsync(idleMs)
        for (let i = 0; i < burst; i++) {
          await simulated(Promise.resolve(theirs(never)))
          theirTimes.push(Date.now() - begin)
        }
      }
      vi.useRealTimers()
      const [clock, ourTimes] = [new SimulatedClock(0), [] as number[]]
      const ours = createSpacing(rate, clock)
      for (const { idleMs, burst } of events) {
        await clock.advance(idleMs)
        for (let i = 0; i < burst; i++) {
          await clock.finish(Promise.resolve(ours(never)))
          ourTimes.push(clock.now())
        }
      }
      // Bottleneck's timers are of whole milliseconds.
      for (const [i, time] of theirTimes.entries())
        expect(Math.abs((ourTimes[i] ?? 0) - time)).toBeLessThanOrEqual(1 + i)
    }),
    { numRuns: 60 },
  )
})

function limitOf(rate: Exclude<Rate, 'off'>) {
  const permit = createSpacing(rate)
  return createRateLimit(rate, { permit, clock: systemClock, random: () => 0.5 })
}

async function leaveFor(rate: Exclude<Rate, 'off'>, ms: number): Promise<number[]> {
  const rateLimit = limitOf(rate)
  const [times, until] = [[] as number[], Date.now() + ms]
  while (Date.now() < until) {
    await simulated(Promise.resolve(rateLimit.acquire(never)))
    times.push(Date.now())
  }
  return times.filter(time => time < until)
}

/** Lets the time pass, timer by timer, until the work is done. */
async function simulated(work: Promise<void>): Promise<void> {
  let isOver = false
  void work.finally(() => {
    isOver = true
  })
  while (!isOver) await vi.advanceTimersToNextTimerAsync()
  await work
}

function fullestWindow(times: readonly number[], windowMs: number): number {
  let [fullest, first] = [0, 0]
  for (const [i, time] of times.entries()) {
    while ((times[first] ?? 0) <= time - windowMs) first++
    fullest = Math.max(fullest, i - first + 1)
  }
  return fullest
}
