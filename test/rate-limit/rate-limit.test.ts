import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRateLimit, type RateLimit } from '../../src/rate-limit/rate-limit.ts'
import { type Permit, spacingOf } from '../../src/rate-limit/spacing.ts'
import type { Rate } from '../../src/model/exchange.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const rate = { requests: 500, windowMs: 60_000 }
const never = new AbortController().signal

test('ten minutes of work never put more than 500 into any 60 seconds, and use 99 % of them', async () => {
  const clock = new SimulatedClock()
  const starts = await startFor(clock, limitOf(rate, evenly(clock, rate), clock), 10 * 60_000)
  expect(fullestWindow(starts, 60_000)).toBeLessThanOrEqual(500)
  expect(starts.length).toBeGreaterThanOrEqual(0.99 * 500 * 10)
})

test('the very first minute holds no more than 500 even where permits come all at once', async () => {
  const clock = new SimulatedClock()
  const starts = await startFor(clock, limitOf(rate, atOnce, clock), 5 * 60_000)
  expect(fullestWindow(starts, 60_000)).toBe(500)
  expect(starts.length).toBeGreaterThanOrEqual(0.99 * 500 * 5)
})

test.each([
  ['8/s', { requests: 8, windowMs: 1000 }, 60_000],
  ['40/s', { requests: 40, windowMs: 1000 }, 60_000],
  ['250/min', { requests: 250, windowMs: 60_000 }, 10 * 60_000],
  ['30/h', { requests: 30, windowMs: 3_600_000 }, 10 * 3_600_000],
  ['1/min', { requests: 1, windowMs: 60_000 }, 3_600_000],
])('%s holds over its own window, and is used', async (_name, other, ms) => {
  const clock = new SimulatedClock()
  const starts = await startFor(clock, limitOf(other, evenly(clock, other), clock), ms)
  expect(fullestWindow(starts, other.windowMs)).toBeLessThanOrEqual(other.requests)
  expect(starts.length).toBeGreaterThanOrEqual(Math.floor((0.99 * other.requests * ms) / other.windowMs))
})

test('no idle spell, pause or jitter of permits ever puts more than the rate into a window', async () => {
  const small = { requests: 10, windowMs: 1000 }
  const event = fc.record({
    idleMs: fc.constantFrom(0, 0, 0, 1, 50, 990, 1000, 5000),
    burst: fc.integer({ min: 1, max: 40 }),
    permitMs: fc.constantFrom(0, 0, 30, 100, 400),
    pauseMs: fc.constantFrom(0, 0, 0, 10, 700, 3000),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async events => {
      const clock = new SimulatedClock()
      let permitMs = 0
      const rateLimit = limitOf(small, () => clock.sleep(permitMs), clock)
      const starts: number[] = []
      async function work(): Promise<void> {
        for (const { idleMs, burst, permitMs: nextPermitMs, pauseMs } of events) {
          permitMs = nextPermitMs
          await clock.sleep(idleMs)
          const paused = clock.now() + pauseMs
          if (pauseMs > 0) turnBack(rateLimit, pauseMs)
          for (let i = 0; i < burst; i++) {
            await rateLimit.acquire(never)
            expect(clock.now()).toBeGreaterThanOrEqual(pauseMs > 0 ? paused : 0)
            starts.push(clock.now())
          }
        }
      }
      await clock.finish(work())
      expect(fullestWindow(starts, small.windowMs)).toBeLessThanOrEqual(small.requests)
    }),
    { numRuns: 150 },
  )
})

test('after an idle hour nothing is caught up', async () => {
  const clock = new SimulatedClock()
  const rateLimit = limitOf(rate, atOnce, clock)
  const before = await startFor(clock, rateLimit, 60_000)
  await clock.advance(3_600_000)
  const after = await startFor(clock, rateLimit, 60_000)
  expect(fullestWindow([...before, ...after], 60_000)).toBe(500)
  expect(after).toHaveLength(500)
})

test('a pause holds everyone, also one who already has a permit', async () => {
  const clock = new SimulatedClock()
  const begin = clock.now()
  const rateLimit = limitOf('off', () => clock.sleep(100), clock)
  const starting = started(rateLimit).then(clock.now)
  turnBack(rateLimit, 2000)
  expect(rateLimit.pausedUntil()).toBe(begin + 2000)
  expect(await clock.finish(starting)).toBe(begin + 2000)
  expect(rateLimit.pausedUntil()).toBe(0)
})

test('a pause can be made longer while it lasts, and never shorter', async () => {
  const clock = new SimulatedClock()
  const begin = clock.now()
  const rateLimit = limitOf('off', atOnce, clock)
  turnBack(rateLimit, 2000)
  clock.after(1500, () => turnBack(rateLimit, 3500))
  clock.after(1600, () => turnBack(rateLimit, 100))
  expect(await clock.finish(started(rateLimit).then(clock.now))).toBe(begin + 5000)
})

test('a pause of an hour ends after an hour', async () => {
  const clock = new SimulatedClock()
  const begin = clock.now()
  const rateLimit = limitOf(rate, atOnce, clock)
  turnBack(rateLimit, 3_600_000)
  expect(await clock.finish(started(rateLimit).then(clock.now))).toBe(begin + 3_600_000)
})

test('without a rate nobody waits', async () => {
  const clock = new SimulatedClock()
  const rateLimit = limitOf('off', atOnce, clock)
  const begin = clock.now()
  for (let i = 0; i < 2000; i++) await rateLimit.acquire(never)
  expect(clock.now()).toBe(begin)
})

test('who is told to stop waits neither for a pause, nor for the window, nor for a permit', async () => {
  const clock = new SimulatedClock()
  const begin = clock.now()
  const stop = new AbortController()
  const paused = limitOf('off', atOnce, clock)
  turnBack(paused, 3_600_000)
  const full = limitOf({ requests: 1, windowMs: 3_600_000 }, atOnce, clock)
  await full.acquire(never)
  const permitless = limitOf(rate, signal => clock.sleep(3_600_000, signal), clock)
  clock.after(1000, () => stop.abort())
  await clock.finish(
    Promise.all([paused, full, permitless].map(rateLimit => started(rateLimit, stop.signal))),
  )
  expect(clock.now() - begin).toBe(1000)
})

test('requests of a process before this one still count, those of the future do not', async () => {
  const clock = new SimulatedClock()
  const begin = clock.now()
  const earlier = Array.from({ length: 500 }, (_, i) => begin - 30_000 + i)
  const rateLimit = limitOf(rate, atOnce, clock, [...earlier, begin + 3_600_000])
  await clock.finish(started(rateLimit))
  expect(clock.now() - begin).toBeGreaterThanOrEqual(30_000)
  expect(clock.now() - begin).toBeLessThan(31_000)
})

test('a permit that cannot be given is an error, not a start', async () => {
  const rateLimit = limitOf(rate, () => Promise.reject(new Error('no permits')), new SimulatedClock())
  await expect(rateLimit.acquire(never)).rejects.toThrow('no permits')
})

/** One after the other, as delivery does, until the time is over. */
async function startFor(clock: SimulatedClock, rateLimit: RateLimit, ms: number): Promise<number[]> {
  const starts: number[] = []
  const end = clock.now() + ms
  async function work(): Promise<void> {
    for (;;) {
      await rateLimit.acquire(never)
      if (clock.now() >= end) return
      starts.push(clock.now())
      if (starts.length > 100_000) throw new Error('Nobody holds anyone.')
    }
  }
  await clock.finish(work())
  return starts
}

async function atOnce(): Promise<void> {}

function limitOf(asked: Rate, permit: Permit, clock: SimulatedClock, earlier: number[] = []): RateLimit {
  return createRateLimit(asked, { permit, clock, random: () => 0.5, earlier })
}

/** A 429 that asks everyone to wait so long. */
function turnBack(rateLimit: RateLimit, ms: number): void {
  rateLimit.observe(
    { status: 429, headers: { 'retry-after': String(ms / 1000) }, body: '', complete: true },
    0,
  )
}

/** Permits as Bottleneck gives them: evenly spaced, none saved up. */
function evenly(clock: SimulatedClock, asked: Exclude<Rate, 'off'>): () => Promise<void> {
  let next = 0
  return async () => {
    const at = Math.max(next, clock.now())
    next = at + spacingOf(asked)
    await clock.sleep(at - clock.now())
  }
}

/** The most starts in any window [t, t + ms), wherever it begins. */
function fullestWindow(starts: number[], ms: number): number {
  let most = 0
  let from = 0
  for (const [index, at] of starts.entries()) {
    while (at - (starts[from] ?? at) >= ms) from++
    most = Math.max(most, index - from + 1)
  }
  return most
}

/** Resolves when a request may leave. */
async function started(rateLimit: RateLimit, signal = never): Promise<void> {
  await rateLimit.acquire(signal)
}
