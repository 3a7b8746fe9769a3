import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coalesced, mayJoin } from '../../src/deliver/coalesce.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { defaultReadings } from '../../src/braze/assumptions.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { send, trackObject } from '../support/build.ts'
import { all, answer, endings, lost, numbered, objectsOf, ok, tryDelivery } from './trial.ts'

const rowsOf = (...bodies: JsonObject[]) =>
  bodies.map((body, seq) => trackObject('attributes', { external_id: 'u', ...body }, { seq }))

function rides(...bodies: JsonObject[]): boolean {
  const rows = rowsOf(...bodies)
  const next = rows.pop()
  return next !== undefined && mayJoin(rows, next, defaultReadings)
}

describe('a row may leave in the request of those before it', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['other values', { plan: 'gold' }, { age: 5 }],
    ['a newer value', { plan: 'gold' }, { plan: 'silver' }],
    ['a value that was removed', { plan: null }, { plan: 'gold' }],
    ['a whole object in place of another', { pet: { a: 1 } }, { pet: { b: 2 } }],
    ['an increment of something else', { plan: 'gold' }, { visits: { inc: 1 } }],
    [
      'an object merged into something else',
      { _merge_objects: true, a: 1 },
      { _merge_objects: true, pet: { b: 2 } },
    ],
  ])('where it brings %s', (_name, first, next) => {
    expect(rides(first, next)).toBe(true)
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['an increment of a value that is set', { visits: 1 }, { visits: { inc: 1 } }],
    ['a second increment', { visits: { inc: 1 } }, { visits: { inc: 1 } }],
    ['an addition to a list that is set', { tags: ['a'] }, { tags: { add: ['b'] } }],
    [
      'an object to merge into one',
      { _merge_objects: true, pet: { a: 1 } },
      { _merge_objects: true, pet: { b: 2 } },
    ],
    ['another steering key', { plan: 'gold' }, { plan: 'silver', _update_existing_only: true }],
    ['another state of a subscription group', { subscription_groups: [] }, { subscription_groups: [] }],
    ['a value its field does not take', { country: 'ES' }, { country: 'Spain' }],
    ['text that is too long to be stored', { plan: 'gold' }, { plan: 'x'.repeat(256) }],
    ['an object that would take others along', { plan: 'gold' }, { pet: { name: null } }],
  ])('but not where it brings %s', (_name, first, next) => {
    expect(rides(first, next)).toBe(false)
  })

  test('nor an event, nor somebody else, nor more than a request should hold', () => {
    const [first, next] = rowsOf({ a: 1 }, { b: 2 })
    if (first === undefined || next === undefined) return
    const large = { ...next, raw: Buffer.alloc(300 * 1024) }
    const many = Array.from({ length: 100 }, () => first)
    for (const other of [{ ...next, kind: 'events' as const }, { ...next, user: 'v' }, large]) {
      expect(mayJoin([first], other, defaultReadings)).toBe(false)
    }
    expect(mayJoin(many, next, defaultReadings)).toBe(false)
  })
})

test('the profile is as if the rows had gone one after the other, whatever they say', () => {
  const value = fc.oneof(
    fc.constantFrom('gold', 'x'.repeat(256), 7, true, null, '2022-12-06'),
    fc.constantFrom<JsonObject>({ inc: 2 }, { a: 1 }, { b: { c: 2 } }, { a: null }, { $time: 'never' }),
    fc.constantFrom<(number | JsonObject)[]>([1, 2, 2], [{ id: 1 }]),
    fc.constantFrom<JsonObject>({ add: [3] }, { remove: [1] }, { $add: [{ id: 2 }] }),
  )
  const name = fc.constantFrom('plan', 'visits', 'pet', 'tags', 'country', 'first_name', 'gender')
  const row = fc.record(
    { _merge_objects: fc.boolean(), fields: fc.dictionary(name, value, { minKeys: 1, maxKeys: 3 }) },
    { requiredKeys: ['fields'] },
  )
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), rows => {
      const objects = rowsOf(...rows.map(({ fields, ...steering }) => ({ ...steering, ...fields })))
      const fitting = objects.findIndex(
        (object, i) => i > 0 && !mayJoin(objects.slice(0, i), object, defaultReadings),
      )
      const together = objects.slice(0, fitting < 0 ? objects.length : fitting)
      const [apart, one] = [new Profiles(), new Profiles()]
      const statuses = together.map(({ body }) => send(apart, 'attributes', body).status)
      // What one is refused for parts them again.
      if (statuses.some(status => status !== 201)) return
      send(one, 'attributes', coalesced(together).body)
      const plain = (profiles: Profiles) =>
        profiles.all().map(({ standard, custom_attributes }) => ({ standard, custom_attributes }))
      expect(plain(one)).toEqual(plain(apart))
    }),
    { numRuns: 3000 },
  )
})

describe('a delivery that coalesces', () => {
  const hot = (count: number) => objectsOf(count, () => 'u')

  test('sends what waits for a user in one request, as far as is read ahead', async () => {
    const trial = await tryDelivery(hot(20), { coalesce: true, readAhead: 8 })
    expect(
      all(trial, 'left')
        .filter(one => one.leads)
        .map(one => one.seq),
    ).toEqual([0, 8, 16])
    expect(Object.values(endings(trial))).toEqual(Array(20).fill('201'))
  })

  test('does not by default', async () => {
    const trial = await tryDelivery(hot(5))
    expect(all(trial, 'left').filter(one => one.leads)).toHaveLength(5)
  })

  test('lets a row that is at fault cost nobody else', async () => {
    const fate = ({ seqs }: { seqs: number[] }) => (seqs.includes(7) ? { result: answer(400) } : ok)
    const trial = await tryDelivery(hot(12), { coalesce: true, fate })
    const ends = endings(trial)
    expect(ends[7]).toBe('400')
    expect(Object.entries(ends).filter(([, end]) => end === '201')).toHaveLength(11)
    const order = all(trial, 'settled').map(one => one.seq)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  test('leaves all of a request in doubt, and holds what comes behind', async () => {
    const objects = [...hot(4), numbered(4, 'u', 'events'), numbered(5, 'v')]
    const fate = ({ index }: { index: number }) => (index === 0 ? { result: lost(true) } : ok)
    const trial = await tryDelivery(objects, { coalesce: true, fate, replay: 'none' })
    expect(endings(trial)).toEqual({
      0: 'in doubt',
      1: 'in doubt',
      2: 'in doubt',
      3: 'in doubt',
      4: 'held',
      5: '201',
    })
  })

  test('never says of a row that may have been applied that it was held', async () => {
    // Together they end in a 500, then in a 400, which parts them; alone, the first is refused for good.
    const fate = ({ index }: { index: number }) => ({ result: answer(index === 0 ? 500 : 400) })
    const trial = await tryDelivery(hot(2), { coalesce: true, fate, afterRejected: 'hold' })
    expect(endings(trial)).toEqual({ 0: '400', 1: 'unknown' })
  })

  test('sends them together again where that is harmless', async () => {
    const fate = ({ index }: { index: number }) => (index === 0 ? { result: lost(true) } : ok)
    const trial = await tryDelivery(hot(4), { coalesce: true, fate })
    expect(all(trial, 'left').map(one => [one.seq, one.request])).toEqual([
      ...[0, 1, 2, 3].map(seq => [seq, 0]),
      ...[0, 1, 2, 3].map(seq => [seq, 1]),
    ])
    expect(Object.values(endings(trial))).toEqual(Array(4).fill('201'))
  })
})
