import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSpacing, type Permit, spacingOf } from '../../src/rate-limit/spacing.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const never = new AbortController().signal

// Bottleneck keeps the time in its state, so the timers are simulated before it is made.
beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('500 a minute gives a permit every 120.3 ms, a hair more than 120', () => {
  expect(spacingOf({ requests: 500, windowMs: 60_000 })).toBeCloseTo(120.3, 5)
})

test('permits come one at a time, evenly spaced, also for those who asked together', async () => {
  const times = await timesOf(createSpacing({ requests: 500, windowMs: 60_000 }), 50, 10_000)
  expect(times).toHaveLength(50)
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  for (const gap of gaps) expect(Math.abs(gap - 120.3)).toBeLessThanOrEqual(5)
  expect(Math.abs((times.at(-1) ?? 0) - (times[0] ?? 0) - 49 * 120.3)).toBeLessThanOrEqual(5)
})

test('an idle spell saves no permits up', async () => {
  const permit = createSpacing({ requests: 10, windowMs: 1000 })
  await timesOf(permit, 3, 1000)
  await vi.advanceTimersByTimeAsync(60_000)
  const times = await timesOf(permit, 5, 1000)
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(395)
})

test('without a rate a permit is there at once', async () => {
  const permit = createSpacing('off')
  const begin = Date.now()
  for (let i = 0; i < 1000; i++) await permit(never)
  expect([Date.now() - begin, vi.getTimerCount()]).toEqual([0, 0])
})

test('who is told to stop waits for no permit, and no timer keeps the process alive', async () => {
  const permit = createSpacing({ requests: 10, windowMs: 3_600_000 })
  const stop = new AbortController()
  await timesOf(permit, 1, 1000)
  const begin = Date.now()
  const waiting = permit(stop.signal)
  await vi.advanceTimersByTimeAsync(1000)
  stop.abort()
  await vi.advanceTimersByTimeAsync(100)
  await waiting
  await permit(stop.signal)
  expect(Date.now() - begin).toBe(1100)
  expect(vi.getTimerCount()).toBe(0)
})

test('with a clock of its own, the time between two permits is told and not waited for', async () => {
  vi.useRealTimers()
  const clock = new SimulatedClock(0)
  const permit = createSpacing({ requests: 500, windowMs: 60_000 }, clock)
  const times: number[] = []
  const all = Promise.all(
    Array.from({ length: 5 }, async () => {
      await permit(never)
      times.push(clock.now())
    }),
  )
  await clock.finish(all)
  expect(times.map(time => Math.round(time * 10) / 10)).toEqual([0, 120.3, 240.6, 360.9, 481.2])
})

async function timesOf(permit: Permit, count: number, ms: number): Promise<number[]> {
  const times: number[] = []
  const all = Promise.all(
    Array.from({ length: count }, async () => {
      await permit(never)
      times.push(Date.now())
    }),
  )
  await vi.advanceTimersByTimeAsync(ms)
  await all
  return times
}
