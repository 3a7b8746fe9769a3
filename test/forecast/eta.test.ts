import { describe, expect, test } from 'vitest'
import { RequestLimiter } from '../../src/sandbox/limiter.ts'
import { draws, runWithEta, type EtaRun, type Scene } from '../support/eta-run.ts'

const minute = 60_000
const rows = 3000

/** Runs that take longer than a minute; estimates count from then on. */
const scenes: Record<string, Scene> = {
  'one row per user': { users: everyRow(i => `u${i}`), latency: between(50, 350) },
  'every tenth row invalid, and all of the last ones': {
    users: everyRow(i => (i % 10 !== 0 && i < 2400 ? `u${i}` : '')),
    latency: between(50, 350),
  },
  'users distributed by Zipf, of whom the first one ends last': {
    users: zipf(300),
    latency: between(600, 1400),
  },
  'a hot user with a third of the rows': { users: hot(0.33), latency: between(400, 800) },
  'a hot user in the last part of the input': {
    users: [...everyRow(i => `u${i}`).slice(0, 1600), ...hot(0.8).slice(0, 1400)],
    latency: between(200, 400),
  },
  'a hot user in the first part of the input': {
    users: [...hot(0.8).slice(0, 1400), ...everyRow(i => `u${i}`).slice(0, 1600)],
    latency: between(200, 400),
  },
  'a hot user whose rows share requests': {
    users: hot(0.4),
    latency: between(400, 800),
    options: { coalesce: true },
  },
  'responses that are slower than the requests in flight allow': {
    users: everyRow(i => `u${i}`),
    latency: between(8000, 12_000),
  },
  'a run that is resumed halfway': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    stopAfter: 1200,
  },
  'a resumed run with a hot user': {
    users: hot(0.33),
    latency: between(400, 800),
    stopAfter: 1000,
  },
  'recurring pauses': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: pausing(25_000, 5),
  },
  'a single pause': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: pausing(Number.POSITIVE_INFINITY, 45),
  },
  'a host that lowers its limit': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: limited(250),
  },
  'a host that fails one request in ten': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: failing(0.1),
  },
}

describe('after a minute, estimates are within 5 % of the remaining time', () => {
  test.each(Object.entries(scenes))('%s', async (_name, scene) => {
    const run = await runWithEta(scene)
    const { ofRemaining, ofTotal } = errors(run)
    expect(run.endedAt - run.startedAt).toBeGreaterThan(2.5 * minute)
    expect(ofRemaining.length).toBeGreaterThan(2)
    expect(Math.max(...ofRemaining)).toBeLessThan(0.05)
    // In the last minutes a single pause is more than 5 % of the remaining time.
    expect(Math.max(...ofTotal)).toBeLessThan(0.05)
  })
})

test('the first estimate is based on the rate limit', async () => {
  const { initial, startedAt } = await runWithEta({ users: everyRow(i => `u${i}`), latency: () => 200 })
  expect((initial ?? 0) - startedAt).toBeCloseTo(rows * 120, -1)
})

/** The errors of estimates: relative to the remaining time, up to the last two minutes, and to the total time. */
function errors({ estimates, startedAt, endedAt }: EtaRun): { ofRemaining: number[]; ofTotal: number[] } {
  const counted = estimates.filter(({ at }) => at - startedAt >= minute)
  const off = (endsAt: number) => Math.abs(endsAt - endedAt)
  return {
    ofRemaining: counted
      .filter(({ at }) => endedAt - at >= 2 * minute)
      .map(({ at, endsAt }) => off(endsAt) / (endedAt - at)),
    ofTotal: counted.map(({ endsAt }) => off(endsAt) / (endedAt - startedAt)),
  }
}

function everyRow(userOf: (i: number) => string): string[] {
  return Array.from({ length: rows }, (_, i) => userOf(i))
}

function zipf(users: number): string[] {
  const draw = draws(7)
  return everyRow(() => `u${Math.floor(users ** draw())}`)
}

function hot(share: number): string[] {
  const draw = draws(7)
  return everyRow(i => (draw() < share ? 'hot' : `u${i}`))
}

function between(from: number, to: number): () => number {
  const draw = draws(11)
  return () => from + (to - from) * draw()
}

const done = { status: 201, headers: {} }

/** Repeated 429 responses with a pause. */
function pausing(everyMs: number, seconds: number): NonNullable<Scene['host']> {
  let next = 0
  return now => {
    if (next === 0) next = now + Math.min(everyMs, 20_000)
    if (now < next) return done
    next += everyMs
    return { status: 429, headers: { 'retry-after': String(seconds) } }
  }
}

function limited(limit: number): NonNullable<Scene['host']> {
  const server = new RequestLimiter({ limit })
  return now => {
    const { allowed, headers } = server.take(now)
    return { status: allowed ? 201 : 429, headers }
  }
}

function failing(share: number): NonNullable<Scene['host']> {
  const draw = draws(9)
  return () => (draw() < share ? { status: 503, headers: {} } : done)
}
