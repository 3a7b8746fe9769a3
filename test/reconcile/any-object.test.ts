import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/model/kind.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { defaultReadings, type Readings, readings as questions } from '../../src/braze/assumptions.ts'
import { valuesOf } from '../../src/braze/values.ts'
import { isReasonCode, reasons as meaning } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { respond } from '../../src/sandbox/respond.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { notAsAsked } from '../../src/forecast/not-as-asked.ts'
import { answered, now, trackObject } from '../support/build.ts'

// Objects that break limits as often as they keep them. Whatever they ask for, the receipt knows why it came out so.

const long = fc
  .integer({ min: 250, max: 262 })
  .chain(length => fc.constantFrom('x'.repeat(length), 'é👍'.repeat(length / 2)))
const moment = fc.constantFrom(
  '2020-02-29',
  '2020-01-01T10:00:00+02:00',
  '3500-01-01T00:00:00Z',
  '2999-01-01',
  '01/02/2020',
)
const text = fc.oneof(fc.string({ maxLength: 8 }), long, moment)
const scalar: fc.Arbitrary<Json> = fc.oneof(text, fc.integer({ min: -5, max: 5 }), fc.boolean())
const list = fc.oneof(
  fc.array(scalar, { maxLength: 4 }),
  fc.integer({ min: 498, max: 503 }).map(length => Array.from({ length }, (_, i): Json => i)),
)
const key = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('a', 'b', 'id') },
  { weight: 1, arbitrary: fc.constantFrom('a.b', '$c', 'd e', '') },
)
const inside: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: moment.map(at => ({ $time: at })) },
  { weight: 1, arbitrary: fc.constant({ $time: 'soon' }) },
)
const object = fc.dictionary(key, inside, { maxKeys: 3 })
const item = fc.record({ id: fc.integer({ min: 1, max: 3 }), a: inside })
const items = fc.array(item, { minLength: 1, maxLength: 3 })
const named = fc.integer({ min: 1, max: 4 }).map(id => ({ $identifier_key: 'id', $identifier_value: id }))
const operation = fc.oneof(
  fc.record({ inc: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ add: list }),
  fc.record({ remove: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ $add: items }),
  fc.record({ $remove: fc.array(named, { minLength: 1, maxLength: 2 }) }),
  fc.record({
    $update: fc.array(
      fc.tuple(named, fc.record({ a: scalar })).map(([by, $new_object]) => ({ ...by, $new_object })),
      { minLength: 1, maxLength: 2 },
    ),
  }),
)
const value: fc.Arbitrary<Json> = fc.oneof(scalar, list, object, items, operation, fc.constant(null))
const attributes = fc
  .record(
    {
      plan: value,
      tags: value,
      basket: value,
      _merge_objects: fc.boolean(),
      _update_existing_only: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map((body): JsonObject => ({ external_id: 'u1', ...body }))
const time = fc.constantFrom(
  '2020-01-01T00:00:00Z',
  '2024-01-01T00:00:00+05:00',
  '2999-01-01T00:00:00Z',
  '2019-05-05',
)
const event = fc
  .record({ name: fc.constantFrom('a', 'b'), time })
  .map((body): JsonObject => ({ user_alias: { alias_name: 'n', alias_label: 'l' }, ...body }))
const purchase = fc
  .record({ product_id: fc.constantFrom('p', 'q'), time, quantity: fc.integer({ min: 1, max: 100 }) })
  .map((body): JsonObject => ({ email: 'a@b.c', currency: 'EUR', price: 1, ...body }))

const someReadings = fc
  .record(
    Object.fromEntries(
      (
        [
          'arrayMax',
          'arrayOverflow',
          'longString',
          'lengthUnit',
          'nestedInvalid',
          'futureAttributes',
          'aliasOccurrence',
        ] as const
      ).map(name => [name, fc.constantFrom<unknown>(questions[name].default, ...questions[name].others)]),
    ),
  )
  .map(chosen => ({ ...defaultReadings, ...chosen }))

/** The reasons of each object, sent one after the other to a sandbox that takes the same readings. */
function reasonsOf(kind: Kind, bodies: JsonObject[], readings: Readings) {
  const profiles = new Profiles()
  const memory = new Memory()
  return bodies.map(body => {
    const request = {
      method: 'POST',
      path: '/users/track/sync',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ [kind]: [body] }),
    }
    const { response: reply, written } = respond(request, profiles, now, { readings })
    if (written !== null) profiles.save(written)
    const { reasons } = reconcile(
      { kind, user: userKeyOf(body), body },
      answered(reply.status, reply.body),
      now,
      memory,
      readings,
    )
    return valuesOf(kind, body).map(({ field, requested }, i) => ({
      field,
      requested,
      reason: reasons[i] ?? 'unexplained',
    }))
  })
}

describe('any object, stored and echoed by the sandbox', () => {
  test.each<[Kind, fc.Arbitrary<JsonObject>]>([
    ['attributes', attributes],
    ['events', event],
    ['purchases', purchase],
  ])('%s are never unexplained', (kind, body) => {
    const property = fc.property(
      fc.array(body, { minLength: 1, maxLength: 4 }),
      someReadings,
      (bodies, readings) => {
        const all = reasonsOf(kind, bodies, readings).flat()
        expect(all.filter(({ reason }) => reason === 'unexplained' || reason === 'count_unexpected')).toEqual(
          [],
        )
      },
    )
    fc.assert(property, { numRuns: 600 })
  })

  test('of attributes that a new user is to get, the plan foresees exactly those that differ', () => {
    const fresh = attributes.map(({ _update_existing_only, ...body }) => body)
    const property = fc.property(fresh, someReadings, (body, chosen) => {
      const readings: Readings = { ...chosen, nestedInvalid: 'attribute_only' }
      const foreseen = notAsAsked(trackObject('attributes', body), readings, now)
        .filter(({ reason }) => isReasonCode(reason))
        .map(({ field, reason }) => `${field} ${reason}`)
      const differing = reasonsOf('attributes', [body], readings)
        .flat()
        .filter(({ reason }) => meaning[reason].counts === 'differ' && reason !== 'item_not_found')
        .map(({ field, reason }) => `${field} ${reason}`)
      expect(new Set(foreseen)).toEqual(new Set(differing))
    })
    fc.assert(property, { numRuns: 600 })
  })
})
