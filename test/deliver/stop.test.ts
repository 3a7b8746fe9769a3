import { describe, expect, test } from 'vitest'
import { SimulatedClock } from '../support/simulated-clock.ts'
import {
  all,
  answer,
  endings,
  host,
  interrupted,
  lost,
  numbered,
  objectsOf,
  ok,
  tryDelivery,
} from './trial.ts'

describe('a host that cannot be reached', () => {
  test('stops the run, and everything is not sent', async () => {
    const trial = await tryDelivery(
      objectsOf(200, seq => `u${seq % 50}`, 'events'),
      {
        fate: () => ({ afterMs: 1, result: lost(false) }),
        permitMs: 120,
      },
    )
    expect(trial.stop?.exit).toBe('stopped')
    expect(trial.stop?.message).toBe(`${host} cannot be reached (ECONNREFUSED).`)
    expect(Object.values(endings(trial))).toEqual(Array(200).fill('not_sent'))
    expect((all(trial, 'left').at(-1)?.at ?? 0) - trial.startedAt).toBeLessThan(60_000)
  })

  test('that takes requests and never answers stops the run before many are in doubt', async () => {
    const trial = await tryDelivery(
      objectsOf(200, seq => `u${seq}`, 'events'),
      {
        fate: () => ({ afterMs: 90_000, result: lost(true) }),
        concurrency: 5,
      },
    )
    expect(trial.stop?.exit).toBe('stopped')
    const ends = Object.values(endings(trial))
    expect(ends.filter(end => end === 'in doubt').length).toBeLessThanOrEqual(10)
    expect(ends.filter(end => end === 'not_sent').length).toBeGreaterThanOrEqual(190)
  })

  test('that has answered before gets five minutes to come back', async () => {
    const outage = (minutes: number) =>
      tryDelivery(
        objectsOf(40, seq => `u${seq}`, 'events'),
        {
          concurrency: 1,
          fate: ({ leftAt }) => {
            const since = leftAt - Date.parse('2024-05-06T07:08:09.000Z') - 1000
            return since >= 0 && since < minutes * 60_000 ? { afterMs: 1, result: lost(false) } : ok
          },
        },
      )
    const short = await outage(4)
    expect([short.stop, new Set(Object.values(endings(short)))]).toEqual([null, new Set(['201'])])
    const long = await outage(30)
    expect(long.stop?.exit).toBe('stopped')
    const ends = Object.values(endings(long))
    expect(new Set(ends)).toEqual(new Set(['201', 'not_sent']))
  })

  test('is not presumed dead because one connection fails after a pause of an hour', async () => {
    const trial = await tryDelivery(
      objectsOf(4, () => 'u', 'events'),
      {
        fate: ({ index }) => {
          if (index === 1) return { result: answer(429, { 'retry-after': '3600' }) }
          return index === 2 ? { result: lost(false) } : ok
        },
      },
    )
    expect([trial.stop, endings(trial)]).toEqual([null, { 0: '201', 1: '201', 2: '201', 3: '201' }])
  })
})

describe('silence is counted from the first failure on, so a host that answered lives', () => {
  test('through ten refused connections right after a pause of an hour', async () => {
    const trial = await tryDelivery(
      objectsOf(4, () => 'u', 'events'),
      {
        random: () => 0.1,
        fate: ({ index }) => {
          if (index === 1) return { result: answer(429, { 'retry-after': '3600' }) }
          return index >= 2 && index < 12 ? { result: lost(false) } : ok
        },
      },
    )
    expect([trial.stop, endings(trial)]).toEqual([null, { 0: '201', 1: '201', 2: '201', 3: '201' }])
  })

  test('through two lost answers in a row at a rate of six an hour', async () => {
    const trial = await tryDelivery(
      objectsOf(6, seq => `u${seq}`, 'events'),
      {
        permitMs: 600_000,
        fate: ({ index }) => (index === 1 || index === 2 ? { result: lost(true) } : ok),
      },
    )
    expect(trial.stop).toBeNull()
    expect(Object.values(endings(trial)).filter(end => end === '201')).toHaveLength(4)
  })
})

describe('a refusal', () => {
  test.each([401, 403, 404])(
    '%i stops at once: what is in flight is awaited, nothing else leaves',
    async status => {
      const trial = await tryDelivery(
        objectsOf(500, seq => `u${seq}`, 'events'),
        {
          concurrency: 3,
          fate: ({ index }) =>
            index === 0 ? { afterMs: 10, result: answer(status) } : { afterMs: 500, result: answer(201) },
        },
      )
      expect(trial.stop).toMatchObject({ exit: 'refused' })
      expect(trial.stop?.message).toContain(`${host} responded with ${status}`)
      expect(all(trial, 'left')).toHaveLength(3)
      const ends = Object.values(endings(trial))
      expect([ends[0], ends[1], ends[2]]).toEqual(['not_sent', '201', '201'])
      expect(new Set(ends.slice(3))).toEqual(new Set(['not_sent']))
    },
  )

  test('leaves no gap for the request that waits for a free place', async () => {
    const fate = () => ({ result: answer(401) })
    const trial = await tryDelivery(
      objectsOf(5, seq => `u${seq}`),
      { concurrency: 1, fate },
    )
    expect(all(trial, 'sending')).toHaveLength(1)
  })

  test('of an object that an earlier request left in doubt leaves it in doubt', async () => {
    const trial = await tryDelivery([numbered(0, 'u')], {
      fate: ({ index }) => ({ result: index === 0 ? lost(true) : answer(401) }),
    })
    expect(endings(trial)).toEqual({ 0: 'in doubt' })
    expect(all(trial, 'failed')).toHaveLength(1)
  })
})

describe('a signal to stop', () => {
  test('lets no new request leave, waits for those in flight, and the rest is not sent', async () => {
    const trial = await tryDelivery(
      objectsOf(1000, seq => `u${seq}`),
      {
        concurrency: 8,
        fate: () => ({ afterMs: 1000, result: answer(201) }),
        stopAfterMs: 1500,
      },
    )
    expect(trial.stop).toBe(interrupted)
    const stoppedAt = trial.startedAt + 1500
    expect(all(trial, 'left').filter(one => one.at > stoppedAt)).toEqual([])
    const ends = Object.values(endings(trial))
    expect(ends.filter(end => end === '201')).toHaveLength(16)
    expect(ends.filter(end => end === 'not_sent')).toHaveLength(984)
    expect(all(trial, 'over')[0]?.at).toBe(trial.startedAt + 2000)
    expect(all(trial, 'unsent').at(-1)?.message).toBe('Interrupted.')
  })

  test('does not wait for a pause, a back-off or a permit', async () => {
    const paused = await tryDelivery(
      objectsOf(9, seq => `u${seq}`),
      {
        fate: () => ({ afterMs: 10, result: answer(429, { 'retry-after': '3600' }) }),
        stopAfterMs: 1000,
      },
    )
    const resting = await tryDelivery(
      objectsOf(9, seq => `u${seq}`),
      {
        fate: () => ({ afterMs: 10, result: answer(429) }),
        random: () => 1,
        stopAfterMs: 500,
      },
    )
    const permitless = await tryDelivery(
      objectsOf(9, seq => `u${seq}`),
      { permitMs: 360_000, stopAfterMs: 500 },
    )
    for (const trial of [paused, resting, permitless]) {
      expect(Object.values(endings(trial))).toEqual(Array(9).fill('not_sent'))
      expect((all(trial, 'over')[0]?.at ?? 0) - trial.startedAt).toBeLessThanOrEqual(1000)
    }
    expect(all(paused, 'unsent').filter(one => one.attempts === 1).length).toBeGreaterThan(0)
  })

  test('leaves in doubt what is in doubt, and tells each of its exchanges once', async () => {
    const trial = await tryDelivery([numbered(0, 'u'), numbered(1, 'u')], {
      fate: () => ({ result: answer(503) }),
      random: () => 1,
      stopAfterMs: 500,
    })
    expect(endings(trial)).toEqual({ 0: 'in doubt', 1: 'not_sent' })
    expect(all(trial, 'left').length).toBe(all(trial, 'failed').length + all(trial, 'settled').length)
  })

  test('before the beginning sends nothing at all', async () => {
    const stop = new AbortController()
    stop.abort(interrupted)
    const trial = await tryDelivery(
      objectsOf(30, seq => `u${seq}`),
      { stop },
    )
    expect([all(trial, 'permit'), all(trial, 'sending')]).toEqual([[], []])
    expect(Object.values(endings(trial))).toEqual(Array(30).fill('not_sent'))
  })

  test('ends what was waiting before what was not even read, so that the journal stays near its order', async () => {
    const trial = await tryDelivery(
      objectsOf(3000, seq => `u${seq % 5}`),
      {
        readAhead: 50,
        fate: () => ({ afterMs: 5000, result: answer(201) }),
        stopAfterMs: 100,
      },
    )
    const ended = trial.happenings.flatMap(one =>
      one.what === 'settled' || one.what === 'unsent' ? [one.seq] : [],
    )
    expect(ended).toEqual(ended.toSorted((a, b) => a - b))
    expect(ended).toHaveLength(3000)
  })
})

describe('what is in flight when a run stops', () => {
  const slow = { fate: () => ({ afterMs: 3_600_000, result: answer(201) }), concurrency: 4 }

  test('is waited for after a signal, but not for ever; then its answers are lost', async () => {
    const trial = await tryDelivery(
      objectsOf(20, seq => `u${seq}`, 'events'),
      { ...slow, stopAfterMs: 1000 },
    )
    expect(all(trial, 'hung up').map(one => one.at - trial.startedAt)).toEqual([16_000])
    expect(Object.values(endings(trial)).filter(end => end === 'in doubt')).toHaveLength(4)
    expect(Object.values(endings(trial)).filter(end => end === 'not_sent')).toHaveLength(16)
  })

  test('is waited for to its end where nobody waits for the process', async () => {
    const stop = new AbortController()
    const clock = new SimulatedClock()
    clock.after(1000, () => stop.abort({ exit: 'stopped', message: 'Too many errors.' }))
    const trial = await tryDelivery(
      objectsOf(20, seq => `u${seq}`, 'events'),
      { ...slow, stop, clock },
    )
    expect(all(trial, 'hung up')).toEqual([])
    expect(Object.values(endings(trial)).filter(end => end === '201')).toHaveLength(4)
  })
})

test('a request that could not be put on record does not leave, and its object is not sent', async () => {
  const stop = new AbortController()
  const trial = await tryDelivery(
    objectsOf(10, seq => `u${seq}`, 'events'),
    {
      stop,
      concurrency: 1,
      sending: async ({ seq }) => {
        if (seq < 3) return true
        stop.abort({ exit: 'stopped', message: 'The journal cannot be written.' })
        return false
      },
    },
  )
  expect(all(trial, 'left').map(one => one.seq)).toEqual([0, 1, 2])
  expect(all(trial, 'unsent').map(one => [one.seq, one.attempts])).toEqual(
    Array.from({ length: 7 }, (_, i) => [i + 3, 0]),
  )
})

describe('the budget of repeats', () => {
  const failing = { fate: () => ({ afterMs: 5, result: answer(503) }), random: () => 0 }

  test('ends a run whose host fails too often, with everything accounted for', async () => {
    const trial = await tryDelivery(
      objectsOf(100, seq => `u${seq}`),
      { ...failing, maxRetries: 30 },
    )
    expect(trial.stop).toMatchObject({ exit: 'stopped' })
    expect(trial.stop?.message).toMatch(/fails too often: 30 requests/)
    expect(all(trial, 'left').length).toBeLessThanOrEqual(100 + 30)
    expect(Object.keys(endings(trial))).toHaveLength(100)
  })

  test('in per cent is a share of the run, and never so small that a short one stops at a hiccup', async () => {
    const small = await tryDelivery(
      objectsOf(20, seq => `u${seq}`),
      { ...failing, maxRetries: { percent: 1 } },
    )
    expect(small.stop).toBeNull()
    const large = await tryDelivery(
      objectsOf(20, seq => `u${seq}`),
      { ...failing, maxRetries: { percent: 1 }, total: 60_000, replay: 'all' },
    )
    expect(large.stop).toBeNull()
  })

  test('is not touched by a 429', async () => {
    const trial = await tryDelivery(
      objectsOf(10, seq => `u${seq}`),
      {
        maxRetries: 0,
        fate: ({ attempt }) => ({ result: answer(attempt < 4 ? 429 : 201, { 'retry-after': '1' }) }),
      },
    )
    expect([trial.stop, new Set(Object.values(endings(trial)))]).toEqual([null, new Set(['201'])])
  })
})
