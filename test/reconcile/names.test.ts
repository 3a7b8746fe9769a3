import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model/json.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { Memory } from '../../src/reconcile/reconcile.ts'
import { attribute, event, long, play, replied, seen, stored, tags, time, user } from './scenes.ts'

describe('a name that no answer lists', () => {
  /** What is said of `a` in the end, after these answers; `undefined` is one that leaves it out. */
  function after(returned: (Json | undefined)[], requested: Json = 'gold'): ReasonCode | undefined {
    const memory = new Memory()
    return returned.map(held => attribute(requested, held, { memory })).at(-1)
  }
  const gone = undefined

  test('may be blocklisted from the third time on', () => {
    expect(after([gone])).toBe('key_missing')
    expect(after([gone, gone])).toBe('key_missing')
    expect(after([gone, gone, gone])).toBe('maybe_blocklisted')
    expect(after([gone, gone, gone, 'gold', gone])).toBe('key_missing')
  })

  test('is not blocklisted where any answer listed it, whatever its value', () => {
    expect(after(['silver', gone, gone, gone, gone])).toBe('key_missing')
    expect(after([null, gone, gone, gone, gone])).toBe('key_missing')
  })

  test('is judged by itself: users do not matter, names and kinds do', () => {
    const memory = new Memory()
    const ask = (id: string, name: string) =>
      play({
        body: { external_id: id, [name]: 1 },
        reply: { users: [{ external_id: id, custom_attributes: {} }] },
        memory,
      })
    for (const id of ['u1', 'u2']) ask(id, 'a')
    expect(ask('u3', 'b').reasons).toEqual(['key_missing'])
    expect(ask('u3', 'a').reasons).toEqual(['maybe_blocklisted'])
    const n = { kind: 'events' as const, body: { external_id: user, name: 'a', time } }
    expect(play({ ...n, reply: { users: [{ external_id: user }] }, memory }).reasons[0]).toBe('key_missing')
  })

  test('may be an event or a product', () => {
    const memory = new Memory()
    const body = { external_id: user, name: 'n', time }
    const once = () =>
      play({ kind: 'events', body, reply: { users: [{ external_id: user }] }, memory }).reasons
    expect([once(), once(), once()].at(-1)).toEqual(['maybe_blocklisted', 'maybe_blocklisted'])
  })

  test('is not judged by answers that say nothing about it', () => {
    const memory = new Memory()
    const nothing: Json[] = [
      { users: [] },
      '{',
      { users: [{ external_id: 'other' }] },
      { users: [{ external_id: user, custom_attributes: { b: 1 } }] },
    ]
    for (const reply of nothing) replied(reply, {}, { memory })
    replied({ message: 'bad' }, {}, { memory, status: 400 })
    const left = { users: [{ external_id: user, custom_attributes: {} }] }
    expect(replied(left, {}, { memory })).toBe('key_missing')
    expect(replied(left, {}, { memory })).toBe('key_missing')
    expect(replied(left, {}, { memory })).toBe('maybe_blocklisted')
  })

  test('is not blocklisted where the row itself explains it', () => {
    expect(after([gone, gone, gone], null)).toBe('null_removed')
    expect(after([gone, gone, gone], long)).toBe('string_too_long')
    expect(after([gone, gone, gone], tags(501))).toBe('key_missing')
    expect(after([gone, gone, gone], { remove: ['a'] })).toBe('array_removed')
    expect(after([gone, gone, gone], { $update: [] })).toBe('array_removed')
    expect(after([gone, gone, gone], { add: ['a'] })).toBe('maybe_blocklisted')
  })

  test('is remembered in bounded memory, which rather says nothing', () => {
    const memory = new Memory(2)
    const see = (name: string, isListed: boolean) =>
      memory.learn({ user, kind: 'attributes', sightings: [{ name, number: null, isListed }] })
    const miss = (name: string) => {
      const times = memory.timesMissed('attributes', name)
      see(name, false)
      return times
    }
    see('a', true)
    expect([miss('b'), miss('b')]).toEqual([1, 2])
    see('c', true)
    for (let i = 0; i < 9; i++) expect(miss('c')).toBe(0)
    expect(miss('a')).toBe(0)
    expect(miss('b')).toBe(3)
    for (let i = 0; i < 9; i++) expect(miss('d')).toBe(0)
  })
})

describe('a name that was not asked for', () => {
  const told = (held: JsonObject, more: JsonObject = {}) =>
    play({
      body: { external_id: user, a: 1, first_name: 'Ada' },
      reply: { users: [{ external_id: user, custom_attributes: held, ...more }] },
    })

  test('leaves matching values alone, and is told', () => {
    const { outcome, reasons, message } = told({ a: 1, b: 2 })
    expect(outcome).toBe('verified')
    expect(reasons).toEqual(['exact', 'standard_field_not_echoed'])
    expect(message).toBe('the response lists what was not requested: attribute "b"')
  })

  test('is what a missing value is put down to, in its own list only', () => {
    expect(told({ b: 2 }).reasons[0]).toBe('extra_key')
    expect(told({ b: 2 }).outcome).toBe('mismatched')
    const namesake = { custom_events: [{ name: 'a', first: stored, last: stored, count: 1 }] }
    expect(told({ a: 1 }, namesake).message).toContain('event "a"')
    const events = told({}, { custom_events: [{ name: 'n', first: stored, last: stored, count: 1 }] })
    expect(events.reasons[0]).toBe('key_missing')
    expect(events.message).toContain('event "n"')
  })

  test('is not a standard field that was asked for', () => {
    expect(told({ a: 1, first_name: 'Ada' }).message).toBe('')
  })

  test('makes no long message', () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${'x'.repeat(900)}${i}`, i]))
    expect(told({ a: 1, ...many }).message).toMatch(/… and 895 more$|" and 895 more$/)
    expect(told({ a: 1, ...many }).message.length).toBeLessThan(600)
  })
})

test('an event that is listed without a readable count proves nothing', () => {
  expect(event({ count: 'many' })).toEqual(['reply_malformed', 'reply_malformed'])
})

describe('a push token without a user', () => {
  const body = { push_token_import: true, push_tokens: [{ app_id: 'a', token: 't' }], plan: 'gold' }
  const nobody = { users: [], message: 'success' }

  test('misses nobody', () => {
    const { outcome, reasons } = play({ body, reply: nobody })
    expect(reasons).toEqual(['standard_field_not_echoed', 'unexplained'])
    expect(outcome).toBe('mismatched')
    expect(play({ body: { ...body, plan: null }, reply: nobody }).reasons[0]).toBe(
      'standard_field_not_echoed',
    )
  })

  test('is a user that was not found where it names one that may only be updated', () => {
    const named = { ...body, external_id: user, _update_existing_only: true }
    expect(play({ body: named, reply: nobody }).reasons).toEqual(['user_not_found', 'user_not_found'])
  })
})

test('an alias that an event may not create was not found, by that reading', () => {
  const user_alias = { alias_name: 'n', alias_label: 'l' }
  const scene = { body: { user_alias, name: 'n', time, _update_existing_only: false }, reply: { users: [] } }
  const told = (aliasOccurrence: 'false_creates' | 'never_creates') =>
    play({ ...scene, kind: 'events', readings: { aliasOccurrence } }).reasons[0]
  expect(told('false_creates')).toBe('unexplained')
  expect(told('never_creates')).toBe('user_not_found')
})

describe('doubt', () => {
  const twice = { exchange: { doubts: 1 } }
  const overlapped = { exchange: { overlapped: true } }

  test('falls on a sum that is further on than one increment, in its own direction', () => {
    const sum = (inc: number, returned: number) =>
      attribute({ inc }, returned, { memory: seen(10), ...twice })
    expect(sum(2, 14)).toBe('possible_duplicate')
    expect(sum(-2, 6)).toBe('possible_duplicate')
    expect(sum(2, 12)).toBe('inc_confirmed')
    expect(sum(2, 10)).toBe('unexplained')
    expect(sum(0, 12)).toBe('unexplained')
    expect(attribute({ inc: 2 }, 14, twice)).toBe('inc_baseline_unknown')
  })

  test('falls on a concurrent request only for what nothing explains', () => {
    expect(event({ count: 9 }, { memory: seen(5), ...overlapped })[0]).toBe('concurrent_write')
    expect(event({ count: 6 }, { memory: seen(5), ...overlapped })[0]).toBe('event_counted')
    expect(attribute({ inc: 2 }, 14, { memory: seen(10), ...overlapped })).toBe('concurrent_write')
    expect(attribute(long, 'old', overlapped)).toBe('string_too_long')
    expect(attribute('gold', undefined, overlapped)).toBe('key_missing')
    expect(attribute('gold', 'silver', { exchange: { overlapped: false } })).toBe('unexplained')
  })
})
