import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { endpoints } from '../../src/braze/endpoints.ts'
import { Lanes } from '../../src/deliver/lanes.ts'
import { Request } from '../../src/deliver/request.ts'
import { newTask } from '../../src/deliver/task.ts'
import { trackObject } from '../support/build.ts'

test('the oldest of all that may go is taken first, whatever the lane', () => {
  const lanes = lanesWith(task(0, ['a']), task(1, ['a']), task(2, ['b']), task(3, ['c']))
  expect([lanes.take(), lanes.take(), lanes.take(), lanes.take()].map(seqOf)).toEqual([0, 2, 3, undefined])
})

test('the next of a lane may go when the one before it is done, and not before', () => {
  const [first, second] = [task(0, ['a']), task(1, ['a'])]
  const lanes = lanesWith(first, second)
  lanes.take()
  expect(lanes.peek()).toBeUndefined()
  lanes.again(first)
  expect(lanes.take()).toBe(first)
  lanes.done(first)
  expect(lanes.take()).toBe(second)
})

test('a task that goes again comes before everything younger', () => {
  const lanes = lanesWith(task(0, ['a']), task(1, ['b']), task(2, ['c']))
  const [first] = [lanes.take(), lanes.take()]
  if (first !== undefined) lanes.again(first)
  expect([lanes.take(), lanes.take()].map(seqOf)).toEqual([0, 2])
})

test('identifiers that meet in a task share a lane, in the order of the input', () => {
  const [a, both, b, later] = [task(0, ['a']), task(1, ['a', 'b']), task(2, ['b']), task(3, ['a'])]
  const lanes = lanesWith(a, both, b, later)
  for (const expected of [a, both, b, later]) {
    expect(lanes.take()).toBe(expected)
    expect(lanes.take()).toBeUndefined()
    lanes.done(expected)
  }
})

test('identifiers that met share no lane any more once nothing of either is here', () => {
  const both = task(0, ['a', 'b'])
  const lanes = lanesWith(both)
  lanes.take()
  lanes.done(both)
  lanes.add(task(1, ['a']))
  lanes.add(task(2, ['b']))
  expect([lanes.take(), lanes.take()].map(seqOf)).toEqual([1, 2])
})

test('two lanes in flight that turn out to be one are let go, marked, and followed one at a time', () => {
  const [a, b, both, next] = [task(0, ['a']), task(1, ['b']), task(2, ['a', 'b']), task(3, ['b'])]
  const lanes = lanesWith(a, b)
  lanes.take()
  lanes.take()
  lanes.add(both)
  lanes.add(next)
  expect([a.overlapped, b.overlapped, both.overlapped]).toEqual([true, true, false])
  lanes.done(b)
  expect(lanes.take()).toBeUndefined()
  lanes.done(a)
  expect(lanes.take()).toBe(both)
  lanes.done(both)
  expect(lanes.take()).toBe(next)
})

test('what writes different things may overlap; what writes the same, or everything, may not', () => {
  const [plan, age, planAgain, all] = [
    task(0, ['a'], ['plan']),
    task(1, ['a'], ['age']),
    task(2, ['a'], ['plan', 'city']),
    task(3, ['a']),
  ]
  const city = task(4, ['a'], ['city'])
  const lanes = lanesWith(plan, age, planAgain, all, city)
  expect([lanes.take(), lanes.take(), lanes.take()].map(seqOf)).toEqual([0, 1, undefined])
  lanes.done(plan)
  expect([lanes.take(), lanes.take()].map(seqOf)).toEqual([2, undefined])
  lanes.done(age)
  lanes.done(planAgain)
  expect([lanes.take(), lanes.take()].map(seqOf)).toEqual([3, undefined])
  lanes.done(all)
  expect(lanes.take()).toBe(city)
})

test('riders board up to the first that does not fit, and leave the lane with whom they rode', () => {
  const all = [0, 1, 2, 3].map(seq => task(seq, ['a']))
  const lanes = lanesWith(...all)
  const [leader] = [lanes.take()]
  if (leader === undefined) throw new Error('Nobody leads.')
  lanes.joinNext(leader, next => next.seq !== 2)
  expect(leader.joined.map(seqOf)).toEqual([1])
  expect([lanes.size, lanes.take()]).toEqual([4, undefined])
  lanes.again(leader)
  expect(lanes.take()).toBe(leader)
  lanes.done(leader)
  expect(lanes.size).toBe(2)
  expect(lanes.take()).toBe(all[2])
})

test('riders that part go once more by themselves, in their order', () => {
  const all = [0, 1, 2].map(seq => task(seq, ['a']))
  const lanes = lanesWith(...all)
  const leader = lanes.take()
  if (leader === undefined) throw new Error('Nobody leads.')
  lanes.joinNext(leader, () => true)
  lanes.part(leader)
  for (const expected of all) {
    expect([lanes.take(), expected.tasks[0].alone, expected.joined]).toEqual([expected, true, []])
    lanes.done(expected)
  }
  expect(lanes.size).toBe(0)
})

test('nobody boards past a task that writes the same and waits longer, or is under way', () => {
  const [plan, age, planAgain] = [task(0, ['a'], ['plan']), task(1, ['a'], ['age']), task(2, ['a'], ['plan'])]
  const lanes = lanesWith(plan, age, planAgain)
  lanes.take()
  const second = lanes.take()
  if (second === undefined) throw new Error('Nobody leads.')
  lanes.joinNext(second, () => true)
  expect(second.joined).toEqual([])
})

test('clearing hands over what waits, oldest first, and leaves what is under way to who took it', () => {
  const lanes = lanesWith(task(0, ['a']), task(1, ['b', 'c']), task(2, ['a']), task(3, ['c']))
  lanes.take()
  expect(lanes.clear().map(seqOf)).toEqual([1, 2, 3])
  expect([lanes.size, lanes.peek(), lanes.oldest]).toEqual([0, undefined, undefined])
})

const someWho = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 2 })
const someWhat = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 })

test('whatever comes and goes, the lanes agree with a list that is searched from its beginning', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ who: someWho, what: someWhat }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('done', 'again', 'part'), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('board' as const), which: fc.nat() }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, byValue) => {
      const lanes = new Lanes()
      const model = new Model()
      let seq = 0
      const takeBoth = () => {
        const expected = model.next()
        expect(lanes.peek()).toBe(expected)
        expect(lanes.take()).toBe(expected)
        if (expected !== undefined) model.underWay.add(expected)
        return expected
      }
      const finish = (one: Request) => {
        model.finish(one)
        lanes.done(one)
      }
      for (const one of steps) {
        if ('who' in one) {
          const added = task(seq++, one.who, byValue ? one.what : [])
          model.add(added)
          lanes.add(added)
        } else if ('which' in one) {
          const chosen = [...model.underWay][one.which % Math.max(1, model.underWay.size)]
          if (chosen === undefined) continue
          if (one.do === 'done') finish(chosen)
          else if (one.do === 'board') lanes.joinNext(chosen, () => true)
          else {
            model.underWay.delete(chosen)
            if (one.do === 'part') lanes.part(chosen)
            else lanes.again(chosen)
          }
        } else takeBoth()
        expect(lanes.size).toBe(model.tasks.length)
        expect(lanes.oldest).toBe(model.tasks[0]?.tasks[0])
      }
      // Never stuck: while anything is left, something may go or is under way.
      while (model.tasks.length > 0) {
        const [busy] = model.underWay
        const next = takeBoth() ?? busy
        expect(next).toBeDefined()
        if (next !== undefined) finish(next)
      }
      expect(lanes.size).toBe(0)
    }),
    { numRuns: 800 },
  )
})

/** The promise in its plainest form: a list of tasks, and which identifiers have met. */
class Model {
  tasks: Request[] = []
  readonly underWay = new Set<Request>()
  #persons: { keys: Set<string>; tasks: Set<Request> }[] = []

  add(one: Request): void {
    const met = this.#persons.filter(({ keys }) => one.who.some(key => keys.has(key)))
    const person = {
      keys: new Set([...met.flatMap(({ keys }) => [...keys]), ...one.who]),
      tasks: new Set([one]),
    }
    for (const { tasks } of met) for (const other of tasks) person.tasks.add(other)
    this.#persons = [...this.#persons.filter(other => !met.includes(other)), person]
    this.tasks.push(one)
  }

  /** The oldest that overlaps with nothing of its person that is under way or waits longer. */
  next(): Request | undefined {
    return this.tasks.find(one => !this.#moves(one) && !this.#before(one).some(other => overlap(one, other)))
  }

  finish(one: Request): void {
    this.underWay.delete(one)
    const gone = new Set([one, ...one.joined])
    this.tasks = this.tasks.filter(other => !gone.has(other))
    for (const { tasks } of this.#persons) for (const other of gone) tasks.delete(other)
    this.#persons = this.#persons.filter(({ tasks }) => tasks.size > 0)
  }

  /** Under way, or riding with another. */
  #moves(one: Request): boolean {
    return this.underWay.has(one) || this.tasks.some(({ joined }) => joined.includes(one))
  }

  #before(one: Request): Request[] {
    const person = this.#persons.find(({ tasks }) => tasks.has(one))
    return [...(person?.tasks ?? [])].filter(other => {
      const rides = this.tasks.some(({ joined }) => joined.includes(other))
      return other !== one && !rides && (this.underWay.has(other) || (seqOf(other) ?? 0) < (seqOf(one) ?? 0))
    })
  }
}

function overlap({ what: a }: Request, { what: b }: Request): boolean {
  return a.length === 0 || b.length === 0 || a.some(name => b.includes(name))
}

function lanesWith(...tasks: Request[]): Lanes {
  const lanes = new Lanes()
  for (const one of tasks) lanes.add(one)
  return lanes
}

function task(seq: number, who: string[], what: string[] = []): Request {
  const object = trackObject('attributes', { external_id: 'u' }, { seq })
  return new Request(newTask(object, { who, what }), endpoints.trackSync)
}

function seqOf(one: Request | undefined): number | undefined {
  return one?.seq
}
