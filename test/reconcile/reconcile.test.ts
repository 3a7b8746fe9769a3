import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/model/exchange.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { type ReasonCode, reasons as allReasons } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { answered, judged, now } from '../support/build.ts'

const body = { external_id: 'u1', plan: 'gold', age: 4 }
const asked = { kind: 'attributes' as const, user: '{"external_id":"u1"}', body }
const good = {
  users: [{ external_id: 'u1', custom_attributes: { plan: 'gold', age: 4 } }],
  message: 'success',
}
const of = (exchange: Exchange) => reconcile(asked, exchange, now, new Memory())
const both = (reason: ReasonCode) => [reason, reason]

describe('the outcome', () => {
  test('is verified where everything that was echoed is as asked', () => {
    expect(of(answered(201, good))).toMatchObject({
      outcome: 'verified',
      reasons: both('exact'),
      message: '',
    })
  })

  test('is mismatched as soon as one value differs', () => {
    const held = { plan: 'gold', age: 5 }
    const judgement = of(answered(201, { users: [{ external_id: 'u1', custom_attributes: held }] }))
    expect(judgement).toMatchObject({ outcome: 'mismatched', reasons: ['exact', 'unexplained'] })
  })

  test('is unverifiable where nothing that was sent is ever echoed', () => {
    const sent = { external_id: 'u1', first_name: 'Ada' }
    expect(judged('attributes', sent, good).outcome).toBe('unverifiable')
    expect(judged('attributes', { external_id: 'u1' }, good).outcome).toBe('unverifiable')
  })

  test('is verified where one value was compared and the others cannot be', () => {
    const sent = { external_id: 'u1', first_name: 'Ada', plan: 'gold' }
    expect(judged('attributes', sent, good)).toMatchObject({
      outcome: 'verified',
      reasons: ['standard_field_not_echoed', 'exact'],
    })
  })

  test.each([
    [400, 'rejected', 'request_rejected'],
    [401, 'rejected', 'request_rejected'],
    [413, 'rejected', 'request_rejected'],
    [429, 'rejected', 'request_rejected'],
    [500, 'unknown', 'answer_lost'],
    [502, 'unknown', 'answer_lost'],
    [504, 'unknown', 'answer_lost'],
    [202, 'unverifiable', 'queued_202'],
  ] as const)('of a %s is %s, even where the body looks like a success', (status, outcome, reason) => {
    expect(of(answered(status, good))).toMatchObject({ outcome, reasons: both(reason), user: null })
  })

  test('is unknown where the answer was lost, or an earlier attempt may have been applied', () => {
    const lost = {
      result: { lost: { sent: true, reason: 'ECONNRESET' } },
      attempts: 1,
      durationMs: 9,
      inDoubt: true,
    }
    expect(of(lost)).toMatchObject({
      outcome: 'unknown',
      reasons: both('answer_lost'),
      message: 'no response: ECONNRESET',
    })
    expect(of({ ...answered(400, { message: 'bad' }), inDoubt: true })).toMatchObject({
      outcome: 'unknown',
      message: '400: bad',
    })
  })

  test('carries what the API said when it refused', () => {
    const said = { message: 'bad', errors: [{ type: 'worse', input_array: 'attributes', index: 0 }] }
    expect(of(answered(400, said)).message).toBe('bad · worse')
  })

  test('of an object without a kind does not exist', () => {
    expect(() => reconcile({ ...asked, kind: null }, answered(201, good), now, new Memory())).toThrow(
      TypeError,
    )
  })
})

describe('an answer', () => {
  test('is read alike whether `users` is a list or an object', () => {
    expect(of(answered(201, { ...good, users: good.users[0] ?? null })).outcome).toBe('verified')
  })

  test.each<[string, Json]>([
    ['an empty list', { users: [] }],
    ['an empty object', { users: {} }],
    ['null', { users: null }],
    ['absent', { message: 'success' }],
  ])('with `users` %s says that nobody was found, where the row may only update', (_, reply) => {
    const only = judged('attributes', { ...body, _update_existing_only: true }, reply)
    expect(only).toMatchObject({ outcome: 'mismatched', reasons: both('user_not_found'), user: null })
    expect(of(answered(201, reply))).toMatchObject({ outcome: 'mismatched', reasons: both('unexplained') })
  })

  test('that names nobody blames an alias that could not create, and no other', () => {
    const user_alias = { alias_name: 'n', alias_label: 'l' }
    expect(judged('attributes', { user_alias, plan: 'x' }, { users: [] }).reasons).toEqual(['user_not_found'])
    const creating = { user_alias, plan: 'x', _update_existing_only: false }
    expect(judged('attributes', creating, { users: [] }).reasons).toEqual(['unexplained'])
  })

  test.each([
    ['broken', '{"users":[{"external_id":"u1",}]}', true],
    ['not JSON', '<html>', true],
    ['empty', '', true],
    ['cut off, though what came is JSON', JSON.stringify(good), false],
  ])('that is %s proves nothing', (_, text, complete) => {
    const judgement = of(answered(201, text, complete))
    expect(judgement).toMatchObject({ outcome: 'unknown', reasons: both('reply_malformed') })
  })

  test.each<[JsonObject, JsonObject, boolean]>([
    [{ external_id: 'u1' }, { external_id: 'u2' }, true],
    [{ external_id: 'u1' }, { external_id: null }, true],
    [{ external_id: 'u1' }, { external_id: 'U1' }, true],
    [{ external_id: 'u1' }, { braze_id: 'b' }, false],
    [{ email: 'Ada@Example.com' }, { email: 'ada@example.com' }, false],
    [{ email: 'ada@example.com' }, { email: 'bob@example.com' }, true],
    [{ phone: '+1 (555) 123-4567' }, { phone: '+15551234567' }, false],
    [
      { user_alias: { alias_name: 'n', alias_label: 'l' } },
      { user_alias: { alias_label: 'l', alias_name: 'n' } },
      false,
    ],
    [
      { user_alias: { alias_name: 'n', alias_label: 'l' } },
      { user_alias: { alias_name: 'n', alias_label: 'm' } },
      true,
    ],
  ])('to %j about %j speaks of another user: %s', (sent, echoed, other) => {
    const reply = { users: [{ ...echoed, custom_attributes: { plan: 'gold' } }] }
    const { reasons } = judged('attributes', { ...sent, plan: 'gold' }, reply)
    expect(reasons).toEqual([other ? 'other_profile' : 'exact'])
  })
})

describe('the memory', () => {
  const event = { external_id: 'u1', name: 'n', time: '2022-12-06' }
  const events = { kind: 'events' as Kind, user: asked.user, body: event }
  const counted = (count: number) =>
    answered(201, {
      users: [
        { external_id: 'u1', custom_events: [{ name: 'n', first: '2022-12-06', last: '2022-12-06', count }] },
      ],
    })
  const lost: Exchange = {
    result: { lost: { sent: true, reason: 'x' } },
    attempts: 1,
    durationMs: 1,
    inDoubt: true,
  }

  test.each<[string, Exchange, ReasonCode]>([
    ['is kept over a refusal, which changed nothing', answered(400, 'no'), 'count_unexpected'],
    ['says nothing after a lost answer', lost, 'count_baseline_unknown'],
    ['says nothing after a 503', answered(503, 'no'), 'count_baseline_unknown'],
    ['says nothing after a 202', answered(202, '{"message":"queued"}'), 'count_baseline_unknown'],
    ['says nothing after an unreadable answer', answered(201, '{'), 'count_baseline_unknown'],
    ['says nothing after an answer about nobody', answered(201, '{}'), 'count_baseline_unknown'],
    [
      'says nothing after one about another user',
      answered(201, '{"users":[{"external_id":"x"}]}'),
      'count_baseline_unknown',
    ],
  ])('%s', (_, between, reason) => {
    const memory = new Memory()
    reconcile(events, counted(10), now, memory)
    reconcile(events, between, now, memory)
    expect(reconcile(events, counted(12), now, memory).reasons[0]).toBe(reason)
  })

  test('is bounded, and forgets first what was not seen for longest', () => {
    const memory = new Memory(2)
    for (const name of ['a', 'b', 'a', 'c']) learn(memory, 'u', name, 1)
    expect(['a', 'b', 'c'].map(name => memory.last('u', 'events', name))).toEqual([1, undefined, 1])
    for (let i = 0; i < 1000; i++) learn(memory, `u${i}`, 'n', i)
    expect(memory.last('u997', 'events', 'n')).toBeUndefined()
    expect(memory.last('u999', 'events', 'n')).toBe(999)
  })
})

test('every reason that blames somebody says what to do', () => {
  for (const [code, { counts, means, next }] of Object.entries(allReasons)) {
    expect(means, code).toMatch(/\.$/)
    if (counts === 'differ') expect(next, code).not.toBe('')
  }
})

function learn(memory: Memory, user: string, name: string, number: number): void {
  memory.learn({ user, kind: 'events', sightings: [{ name, number }] })
}
