import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lanes, type Task } from '../../src/deliver/lanes.ts'
import { trackObject } from '../support/build.ts'

test('the oldest of all that may go is taken first, whatever the lane', () => {
  const lanes = new Lanes()
  for (const one of [task(0, ['a']), task(1, ['a']), task(2, ['b']), task(3, ['c'])]) lanes.add(one)
  expect([lanes.take(), lanes.take(), lanes.take(), lanes.take()].map(seqOf)).toEqual([0, 2, 3, undefined])
})

test('the next of a lane may go when the one before it is done, and not before', () => {
  const lanes = new Lanes()
  const [first, second] = [task(0, ['a']), task(1, ['a'])]
  lanes.add(first)
  lanes.add(second)
  lanes.take()
  expect(lanes.peek()).toBeUndefined()
  lanes.again(first)
  expect(lanes.take()).toBe(first)
  lanes.done(first)
  expect(lanes.take()).toBe(second)
})

test('a task that goes again comes before everything younger', () => {
  const lanes = new Lanes()
  const all = [task(0, ['a']), task(1, ['b']), task(2, ['c'])]
  for (const one of all) lanes.add(one)
  const [first] = [lanes.take(), lanes.take()]
  if (first !== undefined) lanes.again(first)
  expect([lanes.take(), lanes.take()].map(seqOf)).toEqual([0, 2])
})

test('a task in two lanes waits for both, and both wait for it', () => {
  const lanes = new Lanes()
  const [a, both, b] = [task(0, ['a']), task(1, ['a', 'b']), task(2, ['b'])]
  for (const one of [a, both, b]) lanes.add(one)
  expect(lanes.take()).toBe(a)
  expect(lanes.take()).toBeUndefined()
  lanes.done(a)
  expect(lanes.take()).toBe(both)
  expect(lanes.take()).toBeUndefined()
  lanes.done(both)
  expect(lanes.take()).toBe(b)
})

test('a task that names one lane twice is in it once', () => {
  const lanes = new Lanes()
  const [twice, next] = [task(0, ['a', 'a']), task(1, ['a'])]
  lanes.add(twice)
  lanes.add(next)
  expect(lanes.take()).toBe(twice)
  lanes.done(twice)
  expect(lanes.take()).toBe(next)
})

test('clearing hands over what waits, oldest first, and leaves what is under way to who took it', () => {
  const lanes = new Lanes()
  const all = [task(0, ['a']), task(1, ['b', 'c']), task(2, ['a']), task(3, ['c'])]
  for (const one of all) lanes.add(one)
  lanes.take()
  expect(lanes.clear().map(seqOf)).toEqual([1, 2, 3])
  expect([lanes.size, lanes.peek()]).toEqual([0, undefined])
})

test('whatever comes and goes, the lanes agree with a list that is searched from its beginning', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), lanes: someLanes }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('done', 'again'), which: fc.nat() }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const lanes = new Lanes()
      const model: Task[] = []
      const underWay = new Set<Task>()
      let seq = 0
      const takeBoth = () => {
        const expected = model.find(one => mayGo(one, model, underWay))
        expect(lanes.peek()).toBe(expected)
        expect(lanes.take()).toBe(expected)
        if (expected !== undefined) underWay.add(expected)
        return expected
      }
      const finish = (one: Task) => {
        underWay.delete(one)
        model.splice(model.indexOf(one), 1)
        lanes.done(one)
      }
      for (const one of steps) {
        if ('lanes' in one) {
          const added = task(seq++, one.lanes)
          model.push(added)
          lanes.add(added)
        } else if ('which' in one) {
          const chosen = [...underWay][one.which % Math.max(1, underWay.size)]
          if (chosen === undefined) continue
          if (one.do === 'done') finish(chosen)
          else {
            underWay.delete(chosen)
            lanes.again(chosen)
          }
        } else takeBoth()
        expect(lanes.size).toBe(model.length)
      }
      // Never stuck: while anything is left, something may go or is under way.
      while (model.length > 0) {
        const [busy] = underWay
        const next = takeBoth() ?? busy
        expect(next).toBeDefined()
        if (next !== undefined) finish(next)
      }
      expect(lanes.size).toBe(0)
    }),
    { numRuns: 500 },
  )
})

const someLanes = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 2 })

/** Nothing under way shares a lane with it, and nothing older waits in one of its lanes. */
function mayGo(one: Task, model: Task[], underWay: Set<Task>): boolean {
  if (underWay.has(one)) return false
  const before = model.filter(other => other !== one && (underWay.has(other) || seqOf(other) < seqOf(one)))
  return before.every(other => !other.lanes.some(lane => one.lanes.includes(lane)))
}

function task(seq: number, lanes: string[]): Task {
  const object = trackObject('attributes', { external_id: 'u' }, { seq })
  return { object, lanes, attempts: 0, doubts: 0, untold: null }
}

function seqOf(one: Task): number
function seqOf(one: Task | undefined): number | undefined
function seqOf(one: Task | undefined): number | undefined {
  return one?.object.seq
}
