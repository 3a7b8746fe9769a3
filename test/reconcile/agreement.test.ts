import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange } from '../../src/model/exchange.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { outcomeOf, type ReasonCode, reasons, type Verdict } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { shareOut } from '../../src/reconcile/share-out.ts'
import { now } from '../support/build.ts'

/** What an outcome says of the values of its row: the verdicts they may have, and one of which one has to be there. */
const says: Partial<Record<Outcome, { may: Verdict[]; must: Verdict[] }>> = {
  verified: { may: ['match', 'equivalent', 'unverifiable'], must: ['match', 'equivalent'] },
  unverifiable: { may: ['unverifiable'], must: [] },
  mismatched: {
    may: ['match', 'equivalent', 'unverifiable', 'changed', 'not_applied', 'unknown'],
    must: ['changed', 'not_applied', 'unknown'],
  },
  rejected: { may: ['not_applied'], must: ['not_applied'] },
  unknown: { may: ['unknown'], must: ['unknown'] },
}

/** What contradicts the outcome, if anything does. */
function contradiction(outcome: Outcome, codes: readonly ReasonCode[]): string | undefined {
  const rule = says[outcome]
  if (rule === undefined) return `${outcome} is no outcome of a row whose values were judged`
  const verdicts = codes.map(code => reasons[code].verdict)
  const wrong = verdicts.find(verdict => !rule.may.includes(verdict))
  if (wrong !== undefined) return `a row that is ${outcome} has a value that is ${wrong}`
  const lacks = rule.must.length > 0 && codes.length > 0 && !verdicts.some(one => rule.must.includes(one))
  if (lacks) return `a row that is ${outcome} has no value that is ${rule.must.join(' or ')}`
  // Whether the request was applied at all is open, or it is not: never both in one row.
  const isOpen = codes.some(code => code === 'reply_malformed' || code === 'answer_lost')
  return isOpen && outcome !== 'unknown' ? `a row that is ${outcome} has a value in doubt` : undefined
}

const codes = Object.keys(reasons) as ReasonCode[]
/** These are of a whole request: no other reason stands beside them. */
const ofAll: ReasonCode[] = ['reply_malformed', 'answer_lost', 'request_rejected', 'queued_202']
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
  for (const code of ['reply_malformed', 'answer_lost'] as const) {
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
