import { describe, expect, test } from 'vitest'
import { RequestLimiter } from '../../src/sandbox/limiter.ts'
import { draws, foretell, type Foretold, type Scene } from '../support/foretold.ts'

const minute = 60_000
const rows = 3000

/** What a run that takes longer than a minute is like; its end is foretold from then on. */
const scenes: Record<string, Scene> = {
  'users of one row each': { users: everyRow(i => `u${i}`), latency: between(50, 350) },
  'every tenth row invalid, the last ones all': {
    users: everyRow(i => (i % 10 !== 0 && i < 2400 ? `u${i}` : '')),
    latency: between(50, 350),
  },
  'users drawn by Zipf, whose first one ends last': {
    users: zipf(300),
    latency: between(600, 1400),
  },
  'a user who has a third of the rows': { users: hot(0.33), latency: between(400, 800) },
  'such a user in the last part of the input': {
    users: [...everyRow(i => `u${i}`).slice(0, 1600), ...hot(0.8).slice(0, 1400)],
    latency: between(200, 400),
  },
  'such a user in the first part of the input': {
    users: [...hot(0.8).slice(0, 1400), ...everyRow(i => `u${i}`).slice(0, 1600)],
    latency: between(200, 400),
  },
  'such a user, whose rows ride together': {
    users: hot(0.4),
    latency: between(400, 800),
    options: { coalesce: true },
  },
  'answers that are slower than the requests in flight allow': {
    users: everyRow(i => `u${i}`),
    latency: between(8000, 12_000),
  },
  'a run that is gone on with at its half': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    stopAfter: 1200,
  },
  'the same with a user who has a third of the rows': {
    users: hot(0.33),
    latency: between(400, 800),
    stopAfter: 1000,
  },
  'pauses that come again and again': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: pausing(25_000, 5),
  },
  'one pause that does not come again': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: pausing(Number.POSITIVE_INFINITY, 45),
  },
  'a limit that the host lowers': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: limited(250),
  },
  'a host that fails in one of ten': {
    users: everyRow(i => `u${i}`),
    latency: between(50, 350),
    host: failing(0.1),
  },
}

describe('after a minute the end of a run is foretold within 5 % of the time that is left', () => {
  test.each(Object.entries(scenes))('%s', async (_name, scene) => {
    const foretold = await foretell(scene)
    const { ofLeft, ofAll } = errors(foretold)
    expect(foretold.endedAt - foretold.startedAt).toBeGreaterThan(2.5 * minute)
    expect(ofLeft.length).toBeGreaterThan(2)
    expect(Math.max(...ofLeft)).toBeLessThan(0.05)
    // In the last minutes a single pause is more than 5 % of what is left.
    expect(Math.max(...ofAll)).toBeLessThan(0.05)
  })
})

test('before there is anything to go by, the rate is what counts', async () => {
  const { atFirst, startedAt } = await foretell({ users: everyRow(i => `u${i}`), latency: () => 200 })
  expect((atFirst ?? 0) - startedAt).toBeCloseTo(rows * 120, -1)
})

/** How far off each sight was: of the time that was left, up to the last two minutes; and of all the time. */
function errors({ sights, startedAt, endedAt }: Foretold): { ofLeft: number[]; ofAll: number[] } {
  const counted = sights.filter(({ at }) => at - startedAt >= minute)
  const off = (endsAt: number) => Math.abs(endsAt - endedAt)
  return {
    ofLeft: counted
      .filter(({ at }) => endedAt - at >= 2 * minute)
      .map(({ at, endsAt }) => off(endsAt) / (endedAt - at)),
    ofAll: counted.map(({ endsAt }) => off(endsAt) / (endedAt - startedAt)),
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

/** A 429 after so long, again and again. */
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
