import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange } from '../../src/model/exchange.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { outcomeOf, type ReasonCode, reasons } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { shareOut } from '../../src/reconcile/per-object.ts'
import { contradiction } from '../support/agreement.ts'
import { now } from '../support/build.ts'

const codes = Object.keys(reasons) as ReasonCode[]
/** These are of a whole request, or look: no other reason stands beside them. */
const ofAll: ReasonCode[] = [
  'reply_malformed',
  'answer_lost',
  'request_rejected',
  'queued_202',
  'lookup_failed',
]
const ofOne = codes.filter(code => !ofAll.includes(code))

test('the outcome of a row agrees with the verdicts of its values, whatever their reasons', () => {
  for (const code of codes) {
    expect(contradiction(outcomeOf([code]), [code]), code).toBeUndefined()
    expect(outcomeOf([code]), code).toBe(reasons[code].leaves)
  }
  for (const a of ofOne)
    for (const b of ofOne) expect(contradiction(outcomeOf([a, b]), [a, b]), `${a} ${b}`).toBeUndefined()
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ofOne), { maxLength: 12 }), judged => {
      expect(contradiction(outcomeOf(judged), judged)).toBeUndefined()
    }),
  )
})

test('no reason leaves a row accepted that may not have been applied', () => {
  for (const code of ['reply_malformed', 'answer_lost', 'lookup_failed'] as const) {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...codes)), judged => {
        expect(outcomeOf([...judged, code])).toBe('unknown')
      }),
    )
  }
})

const values = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b'), fc.constant(null))
const body = fc
  .dictionary(fc.constantFrom('plan', 'n', 'first_name', 'tags'), values, { maxKeys: 4 })
  .map((fields): JsonObject => ({ external_id: 'u1', ...fields }))

const readable = fc
  .record({
    custom_attributes: fc.dictionary(fc.constantFrom('plan', 'n', 'tags'), values),
    external_id: fc.constantFrom('u1', 'u2'),
  })
  .map(user => JSON.stringify({ users: [user], message: 'success' }))
const strange = fc.constantFrom('', '<html>', '{', '[]', 'null', '{"users":3}', '{"message":"Sign in"}')
const status = fc.constantFrom(200, 201, 202, 204, 207, 302, 400, 401, 404, 408, 422, 429, 500, 503, 520, 999)
const exchange: fc.Arbitrary<Exchange> = fc.record({
  result: fc.oneof(
    fc.record({ lost: fc.record({ sent: fc.boolean(), reason: fc.constant('ECONNRESET') }) }),
    fc.record({
      answer: fc.record({
        status,
        headers: fc.constant({}),
        body: fc.oneof(readable, strange),
        complete: fc.boolean(),
      }),
    }),
  ),
  attempts: fc.integer({ min: 1, max: 3 }),
  durationMs: fc.constant(1),
  inDoubt: fc.boolean(),
  doubts: fc.integer({ min: 0, max: 2 }),
  overlapped: fc.boolean(),
})

test('nor does any exchange make a row contradict its values, alone or with others in one request', () => {
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 3 }), exchange, (bodies, given) => {
      const rows = bodies.map(one => ({ kind: 'attributes' as const, user: 'u1', body: one }))
      const joined = Object.assign({}, ...bodies) as JsonObject
      const asked = { kind: 'attributes' as const, user: 'u1', body: joined }
      const whole = reconcile(asked, given, now, new Memory())
      for (const { outcome, reasons: judged } of [whole, ...shareOut(rows, asked, whole)]) {
        // In a shared request an earlier value was replaced by a later one; it says nothing of its own.
        const own = judged.filter(code => code !== 'superseded')
        expect(contradiction(outcome, own.length === 0 ? [] : judged)).toBeUndefined()
      }
      const { result, inDoubt } = given
      const isAnswer = 'answer' in result && result.answer.status >= 200 && result.answer.status < 300
      if (!isAnswer || inDoubt || !result.answer.complete)
        expect(['verified', 'unverifiable', 'mismatched']).not.toContain(whole.outcome)
    }),
    { numRuns: 2000 },
  )
})
