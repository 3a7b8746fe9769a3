import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model/json.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { Memory } from '../../src/reconcile/reconcile.ts'
import { judged } from '../support/build.ts'

const long = 'é'.repeat(256)
const many = Array.from({ length: 501 }, (_, i) => `tag ${i}`)
const user = 'u1'

/** The reason for attribute `a`, where the profile returns this value of it; nothing where it is left out. */
function reasonFor(requested: Json, returned?: Json, steering: JsonObject = {}, memory = new Memory()) {
  const held: JsonObject = returned === undefined ? {} : { a: returned }
  const reply = { users: [{ external_id: user, custom_attributes: held }], message: 'success' }
  return judged('attributes', { external_id: user, ...steering, a: requested }, reply, memory).reasons[0]
}

test.each<[ReasonCode, string, Json, Json | undefined]>([
  ['exact', 'the same text', 'gold', 'gold'],
  ['exact', 'an object with its keys in another order', { x: 1, y: [2] }, { y: [2], x: 1 }],
  [
    'exact',
    'an object whose moments came back in UTC',
    { at: '2022-12-06T19:00:00+01:00' },
    { at: '2022-12-06T18:00:00.000Z' },
  ],
  ['exact', 'an empty list', [], []],
  ['number_form', 'the last bit of a double', 0.1 + 0.2, 0.3],
  ['date_same_instant', 'the same moment in UTC', '2022-12-06T19:20:45+01:00', '2022-12-06T18:20:45.000Z'],
  ['date_utc_assumed', 'a day that became midnight UTC', '2022-12-06', '2022-12-06T00:00:00.000Z'],
  ['date_utc_assumed', 'an American day', '12/06/2022', '2022-12-06T00:00:00.000Z'],
  ['array_deduplicated', 'a list without its repeats', ['hotdog', 'hotdog', 'pizza'], ['hotdog', 'pizza']],
  ['array_order_only', 'the same elements in another order', [1, 2, 3], [3, 1, 2]],
  ['array_added', 'a list that holds what was added', { add: ['b'] }, ['a', 'b']],
  ['array_added', 'a list changed in both ways', { add: ['b'], remove: ['a'] }, ['b', 'c']],
  ['array_removed', 'a list that lacks what was removed', { remove: ['b'] }, ['a']],
  ['null_removed', 'a name that is gone', null, undefined],
  ['null_removed', 'a name that is null', null, null],
  ['inc_baseline_unknown', 'a sum whose start nobody saw', { inc: 2 }, 7],
  ['string_too_long', 'an old value in place of a long text', long, 'old'],
  ['string_too_long', 'nothing in place of a long text', long, undefined],
  ['string_truncated', 'the head of a long text', long, long.slice(0, 255)],
  ['array_over_limit', 'the tail of a long list', many, many.slice(1)],
  ['array_over_limit', 'the head of a long list', many, many.slice(0, 500)],
  ['array_over_limit', 'the tail of the set a long list becomes', ['tag 7', ...many], many.slice(1)],
  ['array_over_limit', 'the tail of too many added elements', { add: many }, many.slice(1)],
  ['key_missing', 'no word of the name', 'gold', undefined],
  ['unexplained', 'another value', 'gold', 'silver'],
])('%s: %s', (code, _, requested, returned) => {
  expect(reasonFor(requested, returned)).toBe(code)
})

describe('no limit is blamed that the request did not break', () => {
  test.each<[string, Json, Json | undefined, ReasonCode]>([
    ['a text of 255 characters that kept its old value', 'é'.repeat(255), 'old', 'unexplained'],
    ['a text of 255 characters outside the basic plane', '🦊'.repeat(255), 'old', 'unexplained'],
    ['a text of 255 characters that was cut', 'é'.repeat(255), 'é', 'unexplained'],
    ['a text of 255 characters that is not there', 'é'.repeat(255), undefined, 'key_missing'],
    ['a list of 500 that was cut', many.slice(0, 500), many.slice(0, 499), 'unexplained'],
    ['a list of 501 that holds something else', many, ['old'], 'unexplained'],
    ['a list of 501 that is empty', many, [], 'unexplained'],
    ['a list of 501 that is not there', many, undefined, 'key_missing'],
    ['a list of 501 cut in its middle', many, many.slice(1, 500), 'unexplained'],
  ])('%s', (_, requested, returned, code) => {
    expect(reasonFor(requested, returned)).toBe(code)
  })
})

describe('nothing passes for the same that is not', () => {
  test.each<[string, Json, Json]>([
    ['a stale text', 'gold', 'gol'],
    ['a text in another case', 'Gold', 'gold'],
    ['one more', 25, 26],
    ['one more, at sixteen digits', 9007199254740990, 9007199254740991],
    ['a cent', 219.98, 219.99],
    ['another sign', 5, -5],
    ['true for false', true, false],
    ['a moment one second later', '2022-12-06T19:20:45Z', '2022-12-06T19:20:46.000Z'],
    ['the same clock in another offset', '2022-12-06T19:20:45+01:00', '2022-12-06T19:20:45.000Z'],
    ['a list with one element less', ['a', 'b'], ['a']],
    ['a list with one element more', ['a'], ['a', 'b']],
    ['a list with another element', ['a', 'b'], ['a', 'c']],
    ['a list that repeats what it should not', ['a', 'b', 'b'], ['a', 'a', 'b']],
    ['a list of texts for a list of numbers', [1, 2], ['1', '2']],
    ['an object with one key more, where nothing was to be merged', { x: 1 }, { x: 1, y: 2 }],
    ['an object with one key less', { x: 1, y: 2 }, { x: 1 }],
    ['an object for a list', ['a'], { 0: 'a' }],
    ['null for a value', 'gold', null],
    ['a value that was to be removed', null, 'gold'],
    ['a list that lacks what was added', { add: ['b'] }, ['a']],
    ['a list that holds what was removed', { remove: ['a'] }, ['a']],
    ['a list that lacks the added, though it lacks the removed', { add: ['b'], remove: ['a'] }, ['c']],
    ['a text where a list was added to', { add: ['b'] }, 'b'],
    ['a text where a number was incremented', { inc: 2 }, '7'],
  ])('%s', (_, requested, returned) => {
    expect(reasonFor(requested, returned)).toBe('unexplained')
  })
})

describe('objects that are merged', () => {
  const merge = { _merge_objects: true }

  test('are right where everything sent is there, however deep', () => {
    const held = { x: { y: 1, old: 2 }, z: 3 }
    expect(reasonFor({ x: { y: 1 } }, held, merge)).toBe('object_merged')
    expect(reasonFor({ x: { y: 1 } }, held)).toBe('unexplained')
  })

  test('are wrong where one value is not', () => {
    expect(reasonFor({ x: { y: 1 } }, { x: { y: 2 }, z: 3 }, merge)).toBe('unexplained')
    expect(reasonFor({ x: { y: 1, w: 1 } }, { x: { y: 1 } }, merge)).toBe('unexplained')
  })
})

describe('increments', () => {
  test('are confirmed from the second sight on', () => {
    const memory = new Memory()
    expect(reasonFor({ inc: 2 }, 7, {}, memory)).toBe('inc_baseline_unknown')
    expect(reasonFor({ inc: -3 }, 4, {}, memory)).toBe('inc_confirmed')
    expect(reasonFor({ inc: 1 }, 9, {}, memory)).toBe('unexplained')
  })

  test('start anew once the number was removed or became text', () => {
    for (const between of [null, 'text']) {
      const memory = new Memory()
      reasonFor(7, 7, {}, memory)
      reasonFor(between, between, {}, memory)
      expect(reasonFor({ inc: 2 }, 2, {}, memory)).toBe('inc_baseline_unknown')
    }
  })

  test('have nothing to do with an event of the same name', () => {
    const memory = new Memory()
    const body = { external_id: user, name: 'a', time: '2022-12-06' }
    const event = { name: 'a', first: '2022-12-06', last: '2022-12-06', count: 5 }
    judged('events', body, { users: [{ external_id: user, custom_events: [event] }] }, memory)
    expect(reasonFor({ inc: 1 }, 9, {}, memory)).toBe('inc_baseline_unknown')
  })
})

test('an element that is to be added and removed at once may be there or not', () => {
  for (const returned of [['a'], []]) {
    expect(reasonFor({ add: ['a'], remove: ['a'] }, returned)).toBe('array_added')
  }
})

test('two texts of one moment in a list with a repeat are no difference', () => {
  const [day, midnight] = ['2022-12-06', '2022-12-06T00:00:00Z']
  expect(reasonFor([day, midnight, day], [midnight, day])).toBe('array_deduplicated')
})

test('a standard field is never judged, even where the answer happens to name it', () => {
  const body = { external_id: user, first_name: 'Ada', email: 'ada@example.com' }
  const reply = {
    users: [{ external_id: user, first_name: 'Bob', custom_attributes: { first_name: 'Bob' } }],
  }
  const { outcome, reasons } = judged('attributes', body, reply)
  expect(reasons).toEqual(['standard_field_not_echoed', 'standard_field_not_echoed'])
  expect(outcome).toBe('unverifiable')
})

test('an attribute called __proto__ is compared like any other', () => {
  const body = JSON.parse(`{"external_id":"${user}","__proto__":"x"}`)
  const reply = (value: string) =>
    `{"users":[{"external_id":"${user}","custom_attributes":{"__proto__":"${value}"}}]}`
  expect(judged('attributes', body, reply('x')).reasons).toEqual(['exact'])
  expect(judged('attributes', body, reply('y')).reasons).toEqual(['unexplained'])
})
