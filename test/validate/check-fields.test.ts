import { describe, expect, test } from 'vitest'
import { fields } from '../../src/braze/fields.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { wrongWith } from '../support/build.ts'
import type { Kind } from '../../src/model/kind.ts'

const long = 'é'.repeat(256)
const groups =
  'a list of {"subscription_group_id": "…", "subscription_state": "subscribed" or "unsubscribed"}'
const tokens = 'a list of {"app_id": "…", "token": "…"}; a device_id has 8 to 255 bytes'
const foxes = '🦊'.repeat(255)

/** A good body of each kind; each case changes one thing of it. */
const good: Record<Kind, JsonObject> = {
  attributes: { external_id: 'a' },
  events: { external_id: 'a', name: 'e', time: '2022-12-06T19:20:45+01:00' },
  purchases: { external_id: 'a', product_id: 'p', currency: 'USD', price: 1.5, time: '2022-12-06' },
}

describe('nothing is wrong with', () => {
  test.each<[string, Kind, JsonObject]>([
    ['custom attributes of any type', 'attributes', { s: 'x', n: 1, b: true, l: [1], o: { x: [] }, z: null }],
    ['standard fields that are removed', 'attributes', { first_name: null, dob: null }],
    ['a standard field in another case, which is a custom one', 'attributes', { First_name: 7 }],
    ['an attribute of 255 characters', 'attributes', { [foxes]: 1 }],
    ['an attribute called __proto__', 'attributes', JSON.parse('{"__proto__":1}')],
    ['a text that is too long, which the API takes', 'attributes', { s: long }],
    [
      'states as they are written',
      'attributes',
      { email_subscribe: 'opted_in', push_subscribe: 'unsubscribed' },
    ],
    [
      'a subscription group',
      'attributes',
      { subscription_groups: [{ subscription_group_id: 'g', subscription_state: 'subscribed', x: 1 }] },
    ],
    ['a location', 'attributes', { current_location: { longitude: -3.7, latitude: 40.4 } }],
    ['a push token', 'attributes', { push_tokens: [{ app_id: 'a', token: 't', device_id: '12345678' }] }],
    ['a value of which nobody says that it is refused', 'attributes', { gender: 'Male', country: 'Spain' }],
    ['control keys that are true or false', 'attributes', { _merge_objects: true, push_token_import: false }],
    ['an attribute called like a reserved property', 'attributes', { event_name: 'x', price: 1 }],
    ['an event', 'events', {}],
    ['a property that only purchases reserve', 'events', { properties: { price: 1, currency: 'USD' } }],
    ['a reserved name inside an object', 'purchases', { properties: { item: { price: 1, time: 2 } } }],
    ['a time inside an object', 'events', { properties: { a: [{ at: { $time: '2024-01-01' } }] } }],
    [
      'an event with everything',
      'events',
      { app_id: 'x', properties: { a: { b: [1] } }, _update_existing_only: true },
    ],
    ['an event of 255 characters', 'events', { name: foxes }],
    ['a property of 255 characters', 'events', { properties: { [foxes]: 1 } }],
    ['a purchase', 'purchases', {}],
    ['a refund of 100', 'purchases', { price: -1, quantity: 100 }],
    ['a purchase of one', 'purchases', { quantity: 1 }],
  ])('%s', (_, kind, change) => {
    expect(wrongWith(kind, { ...good[kind], ...change })).toEqual([])
  })
})

describe('refused, with what was expected and what came, is', () => {
  test.each<[string, Kind, JsonObject, string]>([
    ['an attribute without a name', 'attributes', { '': 1 }, 'key_invalid : a name → ""'],
    ['a name that is a number', 'attributes', { first_name: 7 }, 'field_type first_name: text → 7'],
    [
      'a switch as text',
      'attributes',
      { _merge_objects: 'true' },
      'field_type _merge_objects: true or false → "true"',
    ],
    [
      'a switch that is null',
      'attributes',
      { _update_existing_only: null },
      'field_type _update_existing_only: true or false → null',
    ],
    [
      'a push token import as text',
      'attributes',
      { push_token_import: 'yes' },
      'field_type push_token_import: true or false → "yes"',
    ],
    [
      'an email state in capitals',
      'attributes',
      { email_subscribe: 'Subscribed' },
      'field_value email_subscribe: one of opted_in, subscribed, unsubscribed → "Subscribed"',
    ],
    [
      'a push state with a blank',
      'attributes',
      { push_subscribe: 'opted_in ' },
      'field_value push_subscribe: one of opted_in, subscribed, unsubscribed → "opted_in "',
    ],
    [
      'a subscription group of another state',
      'attributes',
      { subscription_groups: [{ subscription_group_id: 'g', subscription_state: 'opted_in' }] },
      `field_value subscription_groups: ${groups} → [{"subscription_group_id":"g","subscription_state":"opted_in…`,
    ],
    [
      'half a location',
      'attributes',
      { current_location: { latitude: 1 } },
      'field_value current_location: {"longitude": -180 to 180, "latitude": -90 to 90} → {"latitude":1}',
    ],
    [
      'a push token with a short device',
      'attributes',
      { push_tokens: [{ app_id: 'a', token: 't', device_id: '1234567' }] },
      `field_value push_tokens: ${tokens} → [{"app_id":"a","token":"t","device_id":"1234567"}]`,
    ],
    [
      'an attribute that the API answers with an error',
      'attributes',
      { email_subscription_info: 1 },
      'key_invalid email_subscription_info: another name → email_subscription_info',
    ],
    ...['time', 'event_name'].map((name): [string, Kind, JsonObject, string] => [
      `an event property called ${name}`,
      'events',
      { properties: { [name]: 1 } },
      `key_invalid properties.${name}: a different one: the API reserves it → "${name}"`,
    ]),
    ...['time', 'product_id', 'quantity', 'event_name', 'price', 'currency'].map(
      (name): [string, Kind, JsonObject, string] => [
        `a purchase property called ${name}`,
        'purchases',
        { properties: { [name]: 1 } },
        `key_invalid properties.${name}: a different one: the API reserves it → "${name}"`,
      ],
    ),
    [
      'a $ deep inside the properties',
      'events',
      { properties: { a: { b: [[{ $c: 1 }]] } } },
      'key_invalid properties.a.b.$c: without a leading $ → "$c"',
    ],
    [
      'an empty name inside the properties',
      'purchases',
      { properties: { a: [{ '': 1 }] } },
      'key_invalid properties.a.: not empty → ""',
    ],
    ['no time', 'events', { time: null }, 'field_required time: `time` → nothing'],
    ['no name', 'events', { name: null }, 'field_required name: `name` → nothing'],
    ['an empty name', 'events', { name: '' }, 'field_type name: not empty → ""'],
    [
      'an event of 256 characters',
      'events',
      { name: long },
      'field_value name: at most 255 characters → 256 characters',
    ],
    ['properties that are a list', 'events', { properties: [] }, 'field_type properties: an object → []'],
    ['properties that are null', 'events', { properties: null }, 'field_type properties: an object → null'],
    [
      'a property with a $',
      'events',
      { properties: { $a: 1 } },
      'key_invalid properties.$a: without a leading $ → "$a"',
    ],
    [
      'a property without a name',
      'purchases',
      { properties: { '': 1 } },
      'key_invalid properties.: not empty → ""',
    ],
    ['no product', 'purchases', { product_id: null }, 'field_required product_id: `product_id` → nothing'],
    [
      'a long product',
      'purchases',
      { product_id: long },
      'field_value product_id: at most 255 characters → 256 characters',
    ],
    ['a price as text', 'purchases', { price: '1.50' }, 'field_type price: a number → "1.50"'],
    [
      'a small currency',
      'purchases',
      { currency: 'usd' },
      'field_value currency: an ISO 4217 code such as USD → "usd"',
    ],
    [
      'a currency that is none',
      'purchases',
      { currency: 'ZZZ' },
      'field_value currency: an ISO 4217 code such as USD → "ZZZ"',
    ],
    ['a quantity of 101', 'purchases', { quantity: 101 }, 'field_value quantity: between 1 and 100 → 101'],
    ['a quantity of 0', 'purchases', { quantity: 0 }, 'field_value quantity: between 1 and 100 → 0'],
    ['half a quantity', 'purchases', { quantity: 1.5 }, 'field_type quantity: a whole number → 1.5'],
  ])('%s', (_, kind, change, wrong) => {
    expect(wrongWith(kind, { ...good[kind], ...change })).toEqual([wrong])
  })

  test('an attribute of 256 characters', () => {
    const wrong = `key_invalid ${long}: at most 255 characters → 256 characters`
    expect(wrongWith('attributes', { external_id: 'a', [long]: 1 })).toEqual([wrong])
  })

  test('a property of 256 characters', () => {
    const [wrong] = wrongWith('events', { ...good.events, properties: { [long]: 1 } })
    expect(wrong).toMatch(`key_invalid properties.${long}: at most 255 characters long → `)
  })

  test.each(['2022-01-001T00:00:00.000Z', 'yesterday', '1670328000'])('the time %s, which is none', time => {
    const wrong = `field_type time: a time such as 2022-12-06T19:20:45Z → "${time}"`
    expect(wrongWith('events', { ...good.events, time })).toEqual([wrong])
    expect(wrongWith('purchases', { ...good.purchases, time })).toEqual([wrong])
  })

  test('a field that objects of this kind do not have', () => {
    const known = 'name, time, app_id, properties, _update_existing_only'
    expect(wrongWith('events', { ...good.events, price: 1 })).toEqual([
      `field_unknown price: ${known} → price`,
    ])
  })
})

test('a field says what comes of a value that it does not take exactly where it says what it takes', () => {
  const rows = Object.values(fields).flatMap(of => Object.entries(of))
  expect(
    rows.filter(([, field]) => (field.accepts === undefined) !== (field.onInvalid === undefined)),
  ).toEqual([])
})
