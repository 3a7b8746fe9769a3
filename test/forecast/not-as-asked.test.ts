import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brokenLimit } from '../../src/braze/broken-limits.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { defaultReadings, type Readings } from '../../src/braze/assumptions.ts'
import { check } from '../../src/validate/check-object.ts'
import { notAsAsked } from '../../src/forecast/not-as-asked.ts'
import { now, trackObject } from '../support/build.ts'

const long = 'x'.repeat(256)
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

function foreseen(kind: Kind, body: JsonObject, readings: Partial<Readings> = {}, raw?: Uint8Array) {
  const object = trackObject(kind, body, raw === undefined ? {} : { raw })
  // That an object is an operation is told of every one; a test of its own looks at it.
  return notAsAsked(object, { ...defaultReadings, ...readings }, now).filter(
    ({ reason }) => reason !== 'operation',
  )
}

/** `field reason` of everything that is foreseen for these attributes. */
function attributes(body: JsonObject, readings: Partial<Readings> = {}): string[] {
  return foreseen('attributes', { external_id: 'a', ...body }, readings).map(
    ({ field, reason }) => `${field} ${reason}`,
  )
}

describe('of attributes, what is foreseen is', () => {
  test.each<[string, JsonObject, string]>([
    ['text of 256 characters', { x: long }, 'x string_too_long'],
    ['a list of 501', { x: numbers(501) }, 'x array_over_limit'],
    ['501 elements to add', { x: { add: numbers(501) } }, 'x array_over_limit'],
    ['a list of over 100 KB', { x: ['x'.repeat(102_400)] }, 'x array_too_large'],
    ['an object of over 100 KB', { x: { a: numbers(30_000) } }, 'x object_too_large'],
    ['a null inside an object', { x: { a: null } }, 'x nested_invalid_dropped'],
    ['a wrong time inside an object', { x: [{ at: { $time: 'soon' } }] }, 'x nested_invalid_dropped'],
    ['a year out of range inside an object', { x: { at: { $time: '3001-01-01' } } }, 'x nested_year_dropped'],
    ['a key with a space inside an object', { x: { 'a b': 1 } }, 'x key_not_allowed'],
    ['a date after the year 3000', { x: '3001-01-01T00:00:00Z' }, 'x date_unread'],
    ['a date that the API does not read', { x: 'Mar 26 2026 06:12 PM +00:00' }, 'x date_unread'],
    ['a European date', { x: '27/09/2017' }, 'x date_unread'],
    ['a day that does not exist', { x: '2024-02-30' }, 'x date_unread'],
    ['an operation of the wrong type', { x: { add: 5 } }, 'x operator_by_accident'],
    ['an increment that is text', { x: { inc: '2' } }, 'x operator_by_accident'],
    ['an operator beside other keys', { x: { inc: 1, unit: 'cm' } }, 'x operator_by_accident'],
    ['a name that is reserved', { bio: 'x' }, 'bio reserved'],
    ['half an alias', { alias_name: 'x' }, 'alias_name reserved'],
    ['a country by name', { country: 'Spain' }, 'country field_dropped'],
    ['a time zone that is none', { time_zone: 'Europe/Madird' }, 'time_zone field_dropped'],
    ['an offset for a time zone', { time_zone: '+01:00' }, 'time_zone field_dropped'],
    ['a language by name', { language: 'Spanish' }, 'language field_unclear'],
    ['a gender in words', { gender: 'Female' }, 'gender field_unclear'],
    ['a birthday that is none', { dob: '1990-02-30' }, 'dob field_unclear'],
    ['a birthday with a time', { dob: '1990-02-03T00:00:00Z' }, 'dob field_unclear'],
  ])('%s', (_, body, said) => {
    expect(attributes(body)).toEqual([said])
  })

  test.each<[string, JsonObject]>([
    ['text of 255 characters, of two units each', { x: '🦊'.repeat(255) }],
    ['a list of 500', { x: numbers(500) }],
    ['a moment, however long', { x: '2024-02-29T10:00:00.123456789+01:00' }],
    ['an American date', { x: '09/27/2017' }],
    ['a moment with an offset that counts as UTC', { x: '2024-02-29T10:00:00 Madrid' }],
    [
      'a month, a week, a version, a phone number',
      { a: '2024-02', b: '2024-W05', c: '10.2.24', d: '555-12-2024' },
    ],
    ['text with a date in it', { x: 'since 27/09/2017' }],
    ['a moment in the future, which attributes keep', { x: '2999-01-01' }],
    ['operations', { a: { inc: -1 }, b: { add: [1], remove: [2] }, c: { $add: [{ id: 1 }] } }],
    ['objects with other keys', { x: { added: 1, increment: 'x' } }],
    ['a null', { x: null, country: null, bio: null }],
    ['fields with what they take', { country: 'ES', language: 'es', gender: 'F', dob: '1990-02-03' }],
    ['time zones, canonical or not', { time_zone: 'Europe/Madrid' }],
    ['time zones that stand for another', { time_zone: 'Asia/Kolkata' }],
    ['time zones as Rails has them', { time_zone: 'Eastern Time (US & Canada)' }],
    ['a state that is refused, which is no matter of foresight', { email_subscribe: 'Yes' }],
    ['a standard field of any length', { first_name: long }],
  ])('nothing: %s', (_, body) => {
    expect(attributes(body)).toEqual([])
  })

  test('as the readings have it', () => {
    expect(attributes({ x: long }, { longString: 'truncate' })).toEqual(['x string_truncated'])
    expect(attributes({ x: { a: long } }, { longString: 'truncate' })).toEqual(['x string_too_long'])
    expect(attributes({ x: numbers(26) }, { arrayMax: 25 })).toEqual(['x array_over_limit'])
    expect(attributes({ x: '🦊'.repeat(128) }, { lengthUnit: 'utf16' })).toEqual(['x string_too_long'])
    expect(attributes({ x: '2999-01-01' }, { futureAttributes: 'clamp' })).toEqual(['x future_clamped'])
  })

  test('told in one short sentence', () => {
    const body = { a: 'x'.repeat(9999), b: numbers(9999), c: { add: 'x'.repeat(200) }, dob: 'x'.repeat(99) }
    const messages = foreseen('attributes', { external_id: 'a', ...body }).map(({ message }) => message)
    expect(messages.length).toBe(4)
    expect(messages.filter(message => message.length > 200 || !message.endsWith('.'))).toEqual([])
    expect(messages[1]).toBe('`b` has 9999 elements; the last 500 are kept.')
  })
})

describe('of events and purchases, what is foreseen is', () => {
  const event = { external_id: 'a', name: 'e', time: new Date(now).toISOString() }
  const purchase = { external_id: 'a', product_id: 'p', currency: 'USD', price: 1, time: event.time }
  const many = (count: number) => Object.fromEntries(numbers(count).map(i => [`p${i}`, i]))
  const say = (kind: Kind, body: JsonObject) =>
    foreseen(kind, body, {}, Buffer.alloc(Buffer.byteLength(JSON.stringify(body)))).map(
      ({ field, reason }) => `${field} ${reason}`,
    )

  test('a time in the future', () => {
    const time = new Date(now + 1).toISOString()
    expect(say('events', { ...event, time })).toEqual(['time future_clamped'])
    expect(say('purchases', { ...purchase, time })).toEqual(['time future_clamped'])
    expect([...say('events', event), ...say('purchases', purchase)]).toEqual([])
  })

  test('more than 256 properties', () => {
    expect(say('events', { ...event, properties: many(257) })).toEqual(['properties properties_over_limit'])
    expect(say('events', { ...event, properties: many(256) })).toEqual([])
  })

  test('a property of 256 characters', () => {
    expect(say('events', { ...event, properties: { a: long } })).toEqual(['properties.a property_too_long'])
    expect(say('events', { ...event, properties: { a: long.slice(1) } })).toEqual([])
  })

  test('a property that looks like a date and is none', () => {
    const properties = { day: '27/09/2017', other: '2017-09-27' }
    expect(say('events', { ...event, properties })).toEqual(['properties.day date_unread'])
  })

  test('purchase properties over 50 KB, and not those of an event', () => {
    const properties = (size: number) => ({ a: ['x'.repeat(size - '{"a":[""]}'.length)] })
    expect(say('purchases', { ...purchase, properties: properties(51_201) })).toEqual([
      'properties properties_large',
    ])
    expect(say('purchases', { ...purchase, properties: properties(51_200) })).toEqual([])
    expect(say('events', { ...event, properties: properties(51_201) })).toEqual([])
  })
})

const limitReasons = new Set([
  'string_too_long',
  'array_over_limit',
  'array_too_large',
  'object_too_large',
  'nested_invalid_dropped',
  'nested_year_dropped',
  'key_not_allowed',
])
const key = fc.constantFrom('a', 'b c', '$d', 'inc', 'add', '$add', '$time', 'k'.repeat(256))
const { value } = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 1, 'x', long, '3001-01-01', '2024-01-01', '27/09/2017'),
    fc.constant(numbers(501)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}))

test('a limit is foreseen where it is broken, and nowhere else', () => {
  fc.assert(
    fc.property(value, asked => {
      const found = foreseen('attributes', { external_id: 'a', x: asked })
      const limits = found.map(({ reason }) => reason).filter(reason => limitReasons.has(reason))
      const broken = asked === null ? undefined : brokenLimit('x', asked, defaultReadings)
      expect(limits).toEqual(broken === undefined ? [] : [broken])
    }),
    { numRuns: 1000 },
  )
})

test('of an object that breaks nothing, nothing is foreseen', () => {
  const name = fc
    .stringMatching(/^[a-z]{3,8}_[a-z]{1,8}$/)
    .filter(text => !/^(first|last|home|alias|time|image)_/.test(text))
  const text = fc.string({ maxLength: 255 }).filter(words => !/\d{4}/.test(words))
  const scalar = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    text,
  )
  const moment = fc
    .date({ min: new Date(0), max: new Date(now), noInvalidDate: true })
    .map(date => date.toISOString())
  const plain = fc.oneof(
    scalar,
    moment,
    fc.array(scalar, { maxLength: 20 }),
    fc.dictionary(name, fc.oneof(scalar, fc.array(scalar)), { maxKeys: 3 }),
    fc.record({ inc: fc.integer() }),
    fc.record({ add: fc.array(scalar) }),
  )
  const identified = { external_id: 'a' }
  const objects = fc.oneof(
    fc.dictionary(name, plain).map(body => trackObject('attributes', { ...identified, ...body })),
    fc
      .record({ time: moment, properties: fc.dictionary(name, fc.oneof(scalar, moment)) })
      .map(body => trackObject('events', { ...identified, name: 'e', ...body })),
  )
  fc.assert(
    fc.property(objects, object => {
      fc.pre(check(object).problems.length === 0)
      expect(notAsAsked(object, defaultReadings, now).filter(({ reason }) => reason !== 'operation')).toEqual(
        [],
      )
    }),
    { numRuns: 500 },
  )
})

test('every operation is told, because an object of the same keys would be taken for one', () => {
  const body = {
    external_id: 'a',
    x: { inc: 1 },
    y: { add: [1] },
    z: { $remove: [{ id: 1 }] },
    w: { added: 1 },
  }
  const found = notAsAsked(trackObject('attributes', body), defaultReadings, now)
  expect(found.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
    'x operation',
    'y operation',
    'z operation',
  ])
})
