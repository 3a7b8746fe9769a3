import { describe, expect, test } from 'vitest'
import type { TrackObject } from '../../src/model/track-object.ts'
import {
  all,
  answer,
  endings,
  lost,
  numbered,
  objectsOf,
  ok,
  tryDelivery,
  type TrialOptions,
} from './trial.ts'

const failure = new Error('the disk is full')
const fail = (): never => {
  throw failure
}

describe('a mistake in a callback ends the delivery with that error, and nothing goes on behind its back', () => {
  const cases: [string, TrialOptions][] = [
    ['sending', { sending: () => Promise.reject(failure) }],
    ['settled', { settled: fail }],
    ['failed', { failed: fail, fate: () => ({ result: answer(429) }) }],
    ['unsent, of a held row', { unsent: fail, fate: () => ({ result: lost(true) }) }],
    ['unsent, after a stop', { unsent: fail, stopAfterMs: 150 }],
    ['earlier', { earlier: fail }],
    [
      'the pace',
      {
        rateLimit: {
          acquire: () => Promise.reject(failure),
          observe: () => {},
          pausedUntil: () => 0,
          lasting: () => null,
        },
      },
    ],
  ]
  test.each(cases)('%s', async (_name, options) => {
    const objects = objectsOf(60, seq => `u${seq % 3}`, 'events')
    const trial = await tryDelivery(objects, { readAhead: 10, concurrency: 2, ...options })
    expect(trial.error).toBe(failure)
    expect(trial.happenings.at(-1)?.what).toBe('over')
    expect(all(trial, 'left').length).toBeLessThan(10)
  })
})

test('what a mistake left half done stays without an end, everything else has one', async () => {
  const trial = await tryDelivery(
    objectsOf(40, seq => `u${seq}`, 'events'),
    {
      concurrency: 3,
      settled: ([object]) => {
        if (object?.seq === 1) fail()
      },
    },
  )
  expect([trial.error, trial.stop?.exit]).toEqual([failure, 'bug'])
  const notSent = all(trial, 'unsent').map(one => one.seq)
  const settled = all(trial, 'settled').map(one => one.seq)
  expect(settled).toContain(1)
  expect([...settled, ...notSent].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i))
})

test('the first mistake is the one that is told', async () => {
  const trial = await tryDelivery(
    objectsOf(20, seq => `u${seq}`),
    {
      settled: fail,
      unsent: () => {
        throw new Error('a second mistake')
      },
    },
  )
  expect(trial.error).toBe(failure)
})

test('a reader that fails midway ends the delivery with its error, and what is in flight is awaited', async () => {
  async function* objectsFrom(objects: TrackObject[]): AsyncGenerator<TrackObject[]> {
    yield objects.slice(0, 10)
    throw failure
  }
  const trial = await tryDelivery(
    objectsOf(100, seq => `u${seq}`),
    { objectsFrom, concurrency: 4 },
  )
  expect(trial.error).toBe(failure)
  expect(all(trial, 'settled')).toHaveLength(all(trial, 'left').length)
  expect(Object.keys(endings(trial))).toHaveLength(10)
})

test('an input without objects ends at once, without a permit', async () => {
  const trial = await tryDelivery([])
  expect(trial.happenings.map(one => one.what)).toEqual(['over'])
})

test('an empty batch is passed over', async () => {
  async function* objectsFrom(objects: TrackObject[]): AsyncGenerator<TrackObject[]> {
    yield []
    yield objects
    yield []
  }
  const trial = await tryDelivery([numbered(0, 'u')], { objectsFrom, fate: () => ok })
  expect(endings(trial)).toEqual({ 0: '201' })
})
