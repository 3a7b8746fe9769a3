import { describe, expect, test } from 'vitest'
import { createRateLimit } from '../../src/rate-limit/rate-limit.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'
import { all, answer, endings, type Fate, lost, numbered, objectsOf, ok, tryDelivery } from './trial.ts'

/** The first requests end so; every later one is answered with 201. */
const first =
  (...results: Fate['result'][]) =>
  ({ index }: { index: number }): Fate => {
    const result = results[index]
    return result === undefined ? ok : { afterMs: 100, result }
  }

describe('an object whose answer was lost', () => {
  test.each([
    ['lost', lost(true)],
    ['a 500', answer(500)],
    ['a 504', answer(504)],
  ])('an event is never sent again (%s)', async (_name, result) => {
    const trial = await tryDelivery([numbered(0, 'u', 'events')], { fate: first(result) })
    expect([endings(trial), all(trial, 'left').length]).toEqual([{ 0: 'in doubt' }, 1])
  })

  test('neither is a purchase, nor an increment, nor what is added to a list of objects', async () => {
    const objects = [
      numbered(0, 'u', 'purchases'),
      numbered(1, 'v', 'attributes', { visits: { inc: 1 } }),
      numbered(2, 'w', 'attributes', { pets: { $add: [{ name: 'Rex' }] } }),
    ]
    const trial = await tryDelivery(objects, { fate: () => ({ result: lost(true) }), concurrency: 3 })
    expect(endings(trial)).toEqual({ 0: 'in doubt', 1: 'in doubt', 2: 'in doubt' })
    expect(all(trial, 'left')).toHaveLength(3)
  })

  test('an attribute set is sent again, and its 201 settles it without doubt', async () => {
    const trial = await tryDelivery([numbered(0, 'u')], { fate: first(lost(true), answer(503)) })
    expect([endings(trial), all(trial, 'left').length]).toEqual([{ 0: '201' }, 3])
    expect(all(trial, 'failed').map(one => one.exchange.inDoubt)).toEqual([true, true])
  })

  test('an attribute set that is never answered ends in doubt, after eight requests that back off', async () => {
    const trial = await tryDelivery([numbered(0, 'u')], {
      fate: () => ({ result: answer(502) }),
      random: () => 1,
    })
    expect(endings(trial)).toEqual({ 0: 'in doubt' })
    const left = all(trial, 'left').map(one => one.at - trial.startedAt)
    expect(left.slice(1).map((at, i) => at - (left[i] ?? 0) - 100)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000,
    ])
  })

  test('with replay all an event is sent again, with replay none nothing is', async () => {
    const objects = [numbered(0, 'u', 'events'), numbered(1, 'v')]
    const again = await tryDelivery(objects, { fate: first(lost(true), lost(true)), replay: 'all' })
    expect([endings(again), all(again, 'left').length]).toEqual([{ 0: '201', 1: '201' }, 4])
    const none = await tryDelivery(objects, { fate: first(lost(true), lost(true)), replay: 'none' })
    expect([endings(none), all(none, 'left').length]).toEqual([{ 0: 'in doubt', 1: 'in doubt' }, 2])
  })

  test('a 429 after a doubt does not take the doubt away, a spoken answer does', async () => {
    const doubtful = await tryDelivery([numbered(0, 'u')], { fate: first(lost(true), answer(429)) })
    expect(all(doubtful, 'failed').map(one => one.exchange.inDoubt)).toEqual([true, true])
    const refused = await tryDelivery([numbered(0, 'u')], { fate: first(lost(true), answer(400)) })
    expect(endings(refused)).toEqual({ 0: '400' })
  })
})

describe('a 429', () => {
  test('costs time and never an object, however many come', async () => {
    const trial = await tryDelivery(
      objectsOf(30, seq => `u${seq % 7}`, 'events'),
      {
        fate: ({ attempt }) => (attempt <= 12 ? { result: answer(429, { 'retry-after': '1' }) } : ok),
      },
    )
    expect(new Set(Object.values(endings(trial)))).toEqual(new Set(['201']))
    expect(all(trial, 'left')).toHaveLength(30 * 13)
  })

  test('is no doubt: many of them and then one lost answer leave an attribute set its repeats', async () => {
    const refusals = Array.from({ length: 20 }, () => answer(429))
    const trial = await tryDelivery([numbered(0, 'u')], { fate: first(...refusals, lost(true)) })
    expect(endings(trial)).toEqual({ 0: '201' })
  })

  test('with a retry-after holds everyone until then', async () => {
    const trial = await tryDelivery(
      objectsOf(20, seq => `u${seq}`),
      {
        fate: first(answer(429, { 'retry-after': '30' })),
        concurrency: 1,
      },
    )
    const left = all(trial, 'left')
    expect([left[0]?.seq, left[1]?.seq]).toEqual([0, 0])
    expect((left[1]?.at ?? 0) - (left[0]?.at ?? 0)).toBe(30_100)
  })

  test('without a word on when lets everyone wait, longer each time', async () => {
    const trial = await tryDelivery(
      objectsOf(3, seq => `u${seq}`),
      { fate: first(answer(429), answer(429), answer(429)), concurrency: 1, random: () => 1 },
    )
    const left = all(trial, 'left')
    expect(left.map(one => one.seq)).toEqual([0, 0, 0, 0, 1, 2])
    expect(left.slice(1, 4).map((one, i) => one.at - (left[i]?.at ?? 0) - 100)).toEqual([1000, 2000, 4000])
  })

  test('that many get together is one reason to wait, not many', async () => {
    const fate = ({ index }: { index: number }): Fate => (index < 8 ? { result: answer(429) } : ok)
    const trial = await tryDelivery(
      objectsOf(8, seq => `u${seq}`),
      { fate, concurrency: 8, random: () => 1 },
    )
    expect((all(trial, 'left')[8]?.at ?? 0) - trial.startedAt).toBe(1100)
  })

  test('is tried again through the same gate as everyone: the rate holds with retries in it', async () => {
    const clock = new SimulatedClock()
    const rateLimit = createRateLimit(
      { requests: 10, windowMs: 1000 },
      { permit: async () => {}, clock, random: () => 0.5 },
    )
    const trial = await tryDelivery(
      objectsOf(60, seq => `u${seq}`),
      {
        clock,
        rateLimit,
        fate: ({ index }) => (index % 3 === 0 ? { result: answer(429, { 'retry-after': '0' }) } : ok),
      },
    )
    const left = all(trial, 'left').map(one => one.at)
    expect(left.length).toBeGreaterThan(80)
    for (const [i, at] of left.slice(10).entries()) expect(at - (left[i] ?? 0)).toBeGreaterThanOrEqual(1000)
  })
})

test('a refused connection is no doubt: even an event is sent again', async () => {
  const trial = await tryDelivery(
    objectsOf(3, () => 'u', 'events'),
    {
      fate: ({ attempt }) => (attempt <= 2 ? { afterMs: 1, result: lost(false) } : ok),
      replay: 'none',
    },
  )
  expect(endings(trial)).toEqual({ 0: '201', 1: '201', 2: '201' })
  expect(all(trial, 'failed').map(one => one.exchange.inDoubt)).toEqual(Array(6).fill(false))
  expect(all(trial, 'settled').map(one => one.exchange.attempts)).toEqual([3, 3, 3])
})

test.each([
  ['array', [{ external_id: 'u', n0: 0 }]],
  ['object', { external_id: 'u', n0: 0 }],
] as const)('the body has the form of the documentation, as %s', async (bodyForm, expected) => {
  const bodies: unknown[] = []
  await tryDelivery([numbered(0, 'u')], { bodyForm, onBody: body => bodies.push(JSON.parse(body)) })
  expect(bodies).toEqual([{ attributes: expected }])
})

test('a request leaves only once it is on record', async () => {
  const trial = await tryDelivery(
    objectsOf(5, seq => `u${seq}`),
    { recordMs: 700 },
  )
  for (const { seq, at } of all(trial, 'sending')) {
    expect(all(trial, 'left').find(one => one.seq === seq)?.at).toBe(at + 700)
  }
})

test('an exchange says how long it took, without the wait for the journal or the pace', async () => {
  const trial = await tryDelivery([numbered(0, 'u')], { recordMs: 700, permitMs: 300 })
  expect(all(trial, 'settled').map(one => one.exchange.durationMs)).toEqual([100])
})

test('a hot user never waits behind the rows of everyone else, so the rate limit is used up', async () => {
  const clock = new SimulatedClock()
  const rate = { requests: 500, windowMs: 60_000 }
  const objects = objectsOf(2000, seq => (seq % 8 === 0 ? 'hot' : `u${seq % 400}`))
  let next = 0
  const evenly = () => {
    next = Math.max(next + 120.3, clock.now())
    return clock.sleep(next - clock.now())
  }
  const trial = await tryDelivery(objects, {
    clock,
    rateLimit: createRateLimit(rate, { permit: evenly, clock, random: () => 0.5 }),
    concurrency: 50,
    readAhead: 200,
    fate: ({ index }) => ({ afterMs: 20 + ((index * 37) % 180), result: answer(201) }),
  })
  const left = all(trial, 'left').map(one => one.at)
  const minutes = ((left.at(-1) ?? 0) - (left[0] ?? 0)) / 60_000
  expect((left.length - 1) / minutes).toBeGreaterThanOrEqual(0.99 * 500)
})
