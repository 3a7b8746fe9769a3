import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BrokenLimit, brokenLimit } from '../../src/braze/broken-limits.ts'
import { isCustomAttribute } from '../../src/braze/fields.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { operationOf } from '../../src/braze/operations.ts'
import { defaultReadings, type Readings } from '../../src/braze/assumptions.ts'
import { valuesOf } from '../../src/braze/values.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { play, user } from './scenes.ts'
import { kinds } from '../../src/model/kind.ts'

// Whatever is sent and whatever comes back: one reason a value, and no limit is blamed that was not broken.

const small: Readings = { ...defaultReadings, arrayMax: 3 }
const limitOf: Partial<Record<ReasonCode, BrokenLimit>> = {
  string_too_long: 'string_too_long',
  string_truncated: 'string_too_long',
  array_over_limit: 'array_over_limit',
  array_too_large: 'array_too_large',
  object_too_large: 'object_too_large',
  nested_year_dropped: 'nested_year_dropped',
  key_not_allowed: 'key_not_allowed',
}

const text = fc.constantFrom(
  '',
  'a',
  'b',
  '25',
  'true',
  '2022-12-06',
  '3500-01-01',
  'Mar 26 2026',
  'x'.repeat(300),
)
const scalar = fc.oneof(text, fc.integer({ min: -3, max: 30 }), fc.boolean(), fc.constant(null))
const key = fc.constantFrom('a', 'b', 'x.y', '$time', '$identifier_key', '__proto__')
const { value } = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 3 })
      .map((entries): Json => Object.fromEntries(entries)),
    fc.record({ add: fc.array(scalar, { maxLength: 5 }) }),
    fc.record({ inc: fc.integer({ min: -2, max: 2 }) }),
    fc
      .tuple(fc.constantFrom('$add', '$remove', '$update'), fc.array(tie('value'), { maxLength: 2 }))
      .map(([name, list]): Json => ({ [name]: list })),
  ),
}))
const names = fc.constantFrom('a', 'b', 'c', 'name', 'time', 'product_id', 'first_name', 'n'.repeat(256))
const object = fc
  .array(fc.tuple(names, value), { maxLength: 4 })
  .map((entries): JsonObject => Object.fromEntries(entries))
const reply = fc.oneof(
  value,
  fc.record({ users: value }),
  fc
    .record({ custom_attributes: fc.oneof(object, value), custom_events: value, purchase_events: value })
    .map((of): Json => ({ users: [of] })),
)

test('every value gets one reason, and a limit only where it was broken', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), object, reply, fc.nat(2), (kind, more, answer, doubts) => {
      const body = { external_id: user, ...more }
      const exchange = { doubts, overlapped: doubts === 2 }
      const { reasons } = play({ kind, body, reply: answer, exchange, readings: small })
      const values = valuesOf(kind, body)
      expect(reasons).toHaveLength(values.length)
      for (const [i, { field, requested }] of values.entries()) {
        const blamed = limitOf[reasons[i] ?? 'exact']
        if (blamed !== undefined) expect(brokenLimit(field, requested, small)).toBe(blamed)
        if (reasons[i] === 'nested_invalid_dropped') {
          const broken = values.map(
            other => isCustomAttribute(other.field) && brokenLimit(other.field, other.requested, small),
          )
          expect(broken).toContain('nested_invalid_dropped')
        }
      }
    }),
    { numRuns: 3000 },
  )
})

test('what came back as it was sent never differs', () => {
  fc.assert(
    fc.property(value, sent => {
      const asked: Json = JSON.parse(JSON.stringify(sent))
      const { reasons } = play({
        body: { external_id: user, a: asked },
        reply: { users: [{ external_id: user, custom_attributes: { a: asked } }] },
      })
      // Operators are no values: they never come back.
      fc.pre(operationOf(asked) === undefined)
      expect(reasons[0]).toMatch(/^(exact|null_removed)$/)
    }),
    { numRuns: 1000 },
  )
})
