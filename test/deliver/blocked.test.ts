import { expect, test } from 'vitest'
import { all, answer, endings, lost, numbered, objectsOf, ok, tryDelivery } from './trial.ts'

const lostFirst = ({ seq }: { seq: number }) => (seq === 0 ? { afterMs: 100, result: lost(true) } : ok)

test('what waits behind an unknown row is held and says for which row it waits', async () => {
  const objects = [numbered(0, 'u', 'events'), numbered(1, 'u'), numbered(2, 'v'), numbered(3, 'u')]
  const trial = await tryDelivery(objects, { fate: lostFirst })
  expect(endings(trial)).toEqual({ 0: 'in doubt', 1: 'held', 2: '201', 3: 'held' })
  expect(all(trial, 'unsent').map(one => [one.message, one.attempts])).toEqual([
    ['waits for row 1 of in.csv, which is not settled', 0],
    ['waits for row 1 of in.csv, which is not settled', 0],
  ])
})

test('a part of a row is named with its number', async () => {
  const objects = [{ ...numbered(0, 'u', 'events'), row: 12, part: 3 }, numbered(1, 'u')]
  const trial = await tryDelivery(objects, { fate: lostFirst })
  expect(all(trial, 'unsent')[0]?.message).toContain('row 12.3 of in.csv')
})

test('with afterUnknown continue the next row of the user is sent', async () => {
  const trial = await tryDelivery(
    objectsOf(3, () => 'u', 'events'),
    { fate: lostFirst, afterUnknown: 'continue' },
  )
  expect(endings(trial)).toEqual({ 0: 'in doubt', 1: '201', 2: '201' })
})

test('after a rejected row the user goes on, unless it is to be held', async () => {
  const fate = ({ seq }: { seq: number }) => (seq === 0 ? { result: answer(400) } : ok)
  const goesOn = await tryDelivery(
    objectsOf(2, () => 'u'),
    { fate },
  )
  expect(endings(goesOn)).toEqual({ 0: '400', 1: '201' })
  const held = await tryDelivery(
    objectsOf(2, () => 'u'),
    { fate, afterRejected: 'hold' },
  )
  expect(endings(held)).toEqual({ 0: '400', 1: 'held' })
})

test('an attribute set that is being repeated holds nobody for good', async () => {
  const fate = ({ attempt, seq }: { attempt: number; seq: number }) =>
    seq === 0 && attempt < 3 ? { result: answer(503) } : ok
  const trial = await tryDelivery(
    objectsOf(3, () => 'u'),
    { fate },
  )
  expect(endings(trial)).toEqual({ 0: '201', 1: '201', 2: '201' })
})

test('held rows cost no permit', async () => {
  const objects = [...objectsOf(200, () => 'u', 'events'), numbered(200, 'v'), numbered(201, 'w')]
  const trial = await tryDelivery(objects, { fate: lostFirst, permitMs: 120, readAhead: 1000, batch: 500 })
  expect(Object.values(endings(trial)).filter(end => end === 'held')).toHaveLength(199)
  expect(all(trial, 'permit')).toHaveLength(3)
})

test('a row that became one to hold while the permit was on its way is held', async () => {
  const objects = [numbered(0, 'u', 'events'), numbered(1, 'u', 'events'), numbered(2, 'v'), numbered(3, 'w')]
  const trial = await tryDelivery(objects, { fate: lostFirst, permitMs: 70 })
  expect(endings(trial)).toEqual({ 0: 'in doubt', 1: 'held', 2: '201', 3: '201' })
})

test('held rows far behind, still to be read, are held too', async () => {
  const trial = await tryDelivery(
    objectsOf(500, seq => (seq % 2 === 0 ? 'u' : `v${seq}`), 'events'),
    {
      fate: lostFirst,
      readAhead: 5,
      batch: 3,
    },
  )
  expect(all(trial, 'unsent').filter(one => one.outcome === 'held')).toHaveLength(249)
})

test('a row in two lanes that is held holds those behind it in its other lane', async () => {
  const tie = { email: 'u@x.org' }
  const objects = [
    numbered(0, 'u', 'events', tie),
    numbered(1, 'v', 'attributes', tie),
    numbered(2, 'v'),
    numbered(3, 'w'),
  ]
  const trial = await tryDelivery(objects, {
    fate: lostFirst,
  })
  expect(endings(trial)).toEqual({ 0: 'in doubt', 1: 'held', 2: 'held', 3: '201' })
  expect(all(trial, 'unsent').map(one => one.message)).toEqual(
    Array(2).fill('waits for row 1 of in.csv, which is not settled'),
  )
})
