import { describe, expect, test } from 'vitest'
import type { Unsettled } from '../../src/model/track-object.ts'
import { all, answer, endings, interrupted, lost, numbered, objectsOf, tryDelivery } from './trial.ts'

/** An object of a user that an earlier process of the run left so. */
function left(seq: number, user: string, outcome: Unsettled['outcome'], more = {}): Unsettled {
  const { file, row, line, part, kind, body, ...object } = numbered(seq, user, 'attributes', more)
  return { seq, file, row, line, part, kind, body, user: object.user, outcome }
}

describe('what earlier processes left', () => {
  test('holds the rows behind it, by the policies of this process', async () => {
    const objects = [numbered(5, 'u'), numbered(6, 'v'), numbered(7, 'w')]
    const unsettled = [left(1, 'u', 'unknown'), left(2, 'v', 'rejected')]
    const usual = await tryDelivery(objects, { unsettled })
    expect(endings(usual)).toEqual({ 5: 'held', 6: '201', 7: '201' })
    expect(all(usual, 'unsent')[0]?.message).toBe('waits for row 2 of in.csv, which is not settled')
    const strict = await tryDelivery(objects, { unsettled, afterUnknown: 'continue', afterRejected: 'hold' })
    expect(endings(strict)).toEqual({ 5: '201', 6: 'held', 7: '201' })
  })

  test('may still be at work where the policy is to go on, and the answer says so', async () => {
    const objects = [numbered(5, 'u'), numbered(7, 'w')]
    const unsettled = [left(1, 'u', 'unknown')]
    const trial = await tryDelivery(objects, { unsettled, afterUnknown: 'continue' })
    expect(all(trial, 'settled').map(({ seq, exchange }) => [seq, exchange.overlapped])).toEqual([
      [5, true],
      [7, false],
    ])
  })

  test('by value holds only what writes the same', async () => {
    const objects = [numbered(5, 'u', 'attributes', { plan: 1 }), numbered(6, 'u', 'attributes', { age: 1 })]
    const unsettled = [left(1, 'u', 'unknown', { plan: 0 })]
    const trial = await tryDelivery(objects, { unsettled, order: 'value' })
    expect(endings(trial)).toEqual({ 5: 'held', 6: '201' })
  })
})

describe('an object that earlier processes sent', () => {
  const earlier = () => ({ attempts: 3, doubts: 1 })

  test('goes on counting its attempts, and is known to have left before', async () => {
    const attempts: number[] = []
    const trial = await tryDelivery([numbered(0, 'u')], {
      earlier,
      sending: async (_, attempt) => void attempts.push(attempt),
      fate: ({ index }) => ({ result: answer(index === 0 ? 429 : 201) }),
    })
    expect(attempts).toEqual([4, 5])
    const [settled] = all(trial, 'settled')
    expect(settled?.exchange).toMatchObject({ attempts: 5, doubts: 1, inDoubt: false })
  })

  test('has all its repeats again, however many it had before', async () => {
    const trial = await tryDelivery([numbered(0, 'u')], {
      earlier: () => ({ attempts: 8, doubts: 8 }),
      fate: ({ index }) => ({ result: answer(index < 5 ? 503 : 201) }),
    })
    expect([endings(trial), all(trial, 'left').length]).toEqual([{ 0: '201' }, 6])
  })

  test('stays unknown where this process does not get to it, or can do nothing for it', async () => {
    const objects = objectsOf(30, seq => `u${seq}`)
    const stopped = await tryDelivery(objects, { earlier, stopAfterMs: 50, concurrency: 2, readAhead: 5 })
    expect(stopped.stop).toBe(interrupted)
    expect(new Set(all(stopped, 'unsent').map(one => one.outcome))).toEqual(new Set(['unknown']))
    const refused = await tryDelivery([numbered(0, 'u')], { earlier, fate: () => ({ result: answer(401) }) })
    expect(endings(refused)).toEqual({ 0: 'in doubt' })
  })

  test('is presumed dead with its host no sooner than any other', async () => {
    const trial = await tryDelivery([numbered(0, 'u')], {
      earlier: () => ({ attempts: 50, doubts: 0 }),
      fate: ({ attempt }) => ({ afterMs: 1, result: attempt < 3 ? lost(false) : answer(201) }),
    })
    expect([trial.stop, endings(trial)]).toEqual([null, { 0: '201' }])
  })
})
