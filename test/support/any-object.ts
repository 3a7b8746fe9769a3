import * as fc from 'fast-check'
import { defaultReadings, readings as questions } from '../../src/braze/assumptions.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'

// Objects that break limits as often as they keep them.

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
export const attributes = fc
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
export const event = fc.record({ name: fc.constantFrom('a', 'b'), time }).map((body): JsonObject => {
  // An alias gets a profile only if the object says so.
  return { user_alias: { alias_name: 'n', alias_label: 'l' }, _update_existing_only: false, ...body }
})
export const purchase = fc
  .record({ product_id: fc.constantFrom('p', 'q'), time, quantity: fc.integer({ min: 1, max: 100 }) })
  .map((body): JsonObject => ({ email: 'a@b.c', currency: 'EUR', price: 1, ...body }))

export const someReadings = fc
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
