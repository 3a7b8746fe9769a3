import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Baseline } from '../../src/journal/baseline.ts'
import type { Json } from '../../src/model/json.ts'
import { defaultReadings } from '../../src/braze/assumptions.ts'
import { judge, Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { answered, now } from '../support/build.ts'

const name = fc.constantFrom('a', 'b', 'c')
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom('x', null, true),
  fc.record({ inc: fc.integer({ min: 1, max: 3 }) }),
)
const attributes = fc.record({
  kind: fc.constant('attributes' as const),
  body: fc.dictionary(name, value, { maxKeys: 3 }).map(body => ({ ...body, external_id: 'u1' })),
})
const event = fc.record({
  kind: fc.constant('events' as const),
  body: name.map(it => ({ external_id: 'u1', name: it, time: '2024-01-01T00:00:00Z' })),
})
const occurrence = fc.record({ name, count: fc.integer({ min: 1, max: 5 }) }).map(it => ({
  ...it,
  first: '2024-01-01T00:00:00.000Z',
  last: '2024-01-01T00:00:00.000Z',
}))
const shown = fc.record({
  external_id: fc.constantFrom('u1', 'u2'),
  custom_attributes: fc.dictionary(name, value, { maxKeys: 3 }),
  custom_events: fc.array(occurrence, { maxLength: 2 }),
})
const exchange = fc.oneof(
  { weight: 6, arbitrary: shown.map(user => answered(201, { users: [user] })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(answered(400, {}), answered(500, {}), answered(201, { users: [] })),
  },
)
const steps = fc.array(fc.record({ asked: fc.oneof(attributes, event), exchange }), { maxLength: 12 })

test('judging changes nothing: asked again, it says the same, and only learning makes a difference', () => {
  fc.assert(
    fc.property(steps, all => {
      const memory = new Memory()
      // It may look things up, and touch nothing else.
      const lookups = {
        last: memory.last.bind(memory),
        timesMissed: memory.timesMissed.bind(memory),
      }
      for (const { asked, exchange: one } of all) {
        const object = { ...asked, user: 'u1' }
        const first = judge(object, one, now, lookups, defaultReadings)
        expect(judge(object, one, now, lookups, defaultReadings)).toEqual(first)
        expect(reconcile(object, one, now, memory)).toEqual(first.judgement)
      }
    }),
    { numRuns: 400 },
  )
})

test('whether an object is unchanged is only asked: the baseline changes when it has passed', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(attributes, event), { maxLength: 12 }), fc.nat(), (all, learned) => {
      const baseline = new Baseline()
      const objects = all.map(one => ({ ...one, user: 'u1' }))
      for (const object of objects.slice(0, learned % 12)) baseline.learn(object, true)
      for (const object of objects) {
        const isUnchanged = baseline.isUnchanged(object)
        expect(baseline.isUnchanged(object)).toBe(isUnchanged)
        baseline.passed(object, isUnchanged)
      }
    }),
    { numRuns: 400 },
  )
})
