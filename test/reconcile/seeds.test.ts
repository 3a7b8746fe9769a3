import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { Memory } from '../../src/reconcile/reconcile.ts'
import { judged } from '../support/build.ts'

// The three worked examples of the page that documents the endpoint, answers letter by letter. Two of its bodies are no
// JSON: the attributes answer has a trailing comma, the purchase request lacks a comma (mended here where it is typed).

const attributes: JsonObject = {
  external_id: 'xyz123',
  string_attribute: 'fruit',
  boolean_attribute_1: true,
  integer_attribute: 25,
  array_attribute: ['banana', 'apple'],
}
const attributesAnswer = `{
  "users": [
    {
      "external_id": "xyz123",
      "custom_attributes": {
        "string_attribute": "fruit",
        "boolean_attribute_1": true,
        "integer_attribute": 25,
        "array_attribute": [
          "banana",
          "apple",
        ]
      }
    }
  ],
  "message": "success"
}`

const event: JsonObject = {
  email: 'test@braze.com',
  app_id: 'your_app_identifier',
  name: 'rented_movie',
  time: '2022-12-06T19:20:45+01:00',
  properties: {
    release: { studio: 'FilmStudio', year: '2022' },
    cast: [{ name: 'Actor1' }, { name: 'Actor2' }],
  },
}
const eventAnswer = `{
  "users": [
    {
      "email": "test@braze.com",
      "custom_events": [
        {
          "name": "rented_movie",
          "first": "2022-01-001T00:00:00.000Z",
          "last": "2022-12-06T18:20:45.000Z",
          "count": 10
        }
      ]
    }
  ],
  "message": "success"
}`

const purchase: JsonObject = {
  user_alias: { alias_name: 'device123', alias_label: 'my_device_identifier' },
  app_id: '11ae5b4b-2445-4440-a04f-bf537764c9ad',
  product_id: 'Completed Order',
  currency: 'USD',
  price: 219.98,
  time: '2022-12-06T19:20:45+01:00',
  properties: {
    products: [
      { name: 'Monitor', category: 'Gaming', product_amount: 19.99 },
      { name: 'Gaming Keyboard', category: 'Gaming ', product_amount: 199.99 },
    ],
  },
}
const purchaseAnswer = `{
  "users": [
    {
      "user_alias" : { "alias_name" : "device123", "alias_label" : "my_device_identifier" },
      "purchase_events": [
        {
          "product_id": "Completed Order",
          "first": "2013-07-16T19:20:30+01:00",
          "last": "2022-12-06T18:20:45.000Z",
          "count": 3
        }
      ]
    }
  ],
  "message": "success"
}`

describe('the attributes example', () => {
  test('is verified once its JSON is mended', () => {
    const mended = attributesAnswer.replace('"apple",', '"apple"')
    const { outcome, reasons } = judged('attributes', attributes, mended)
    expect(outcome).toBe('verified')
    expect(reasons).toEqual(['exact', 'exact', 'exact', 'exact'])
  })

  test('proves nothing as it is printed', () => {
    expect(judged('attributes', attributes, attributesAnswer)).toMatchObject({
      outcome: 'unknown',
      reasons: ['reply_malformed', 'reply_malformed', 'reply_malformed', 'reply_malformed'],
    })
  })
})

describe('the event example', () => {
  test('is verified by its instant, though `first` is no date and the count is new to us', () => {
    const { outcome, reasons, user } = judged('events', event, eventAnswer)
    expect(outcome).toBe('verified')
    expect(reasons).toEqual([
      'details_not_echoed',
      'count_baseline_unknown',
      'date_same_instant',
      'details_not_echoed',
      'details_not_echoed',
    ])
    expect(user?.['email']).toBe('test@braze.com')
  })

  test('is counted where nine were seen before', () => {
    const memory = new Memory()
    judged('events', event, eventAnswer.replace('"count": 10', '"count": 9'), memory)
    expect(judged('events', event, eventAnswer, memory).reasons[1]).toBe('event_counted')
  })

  test('still finds a time that is not stored, though `first` is no date', () => {
    const later = eventAnswer.replace('2022-12-06T18:20:45.000Z', '2022-12-06T18:20:44.000Z')
    expect(judged('events', event, later)).toMatchObject({ outcome: 'mismatched' })
  })

  test('speaks of another user where the address was blotted out, as one copy of the page has it', () => {
    const blotted = eventAnswer.replace('test@braze.com', '[email protected]')
    expect(judged('events', event, blotted).reasons).toEqual(Array(5).fill('other_profile'))
  })
})

describe('the purchase example', () => {
  test('is verified by its instant', () => {
    const { outcome, reasons } = judged('purchases', purchase, purchaseAnswer)
    expect(outcome).toBe('verified')
    expect(reasons).toEqual([
      'details_not_echoed',
      'count_baseline_unknown',
      'details_not_echoed',
      'details_not_echoed',
      'date_same_instant',
      'details_not_echoed',
    ])
  })

  test('compares `first` as an instant: its offset of one hour decides', () => {
    const reasonOf = (time: string) => judged('purchases', { ...purchase, time }, purchaseAnswer).reasons[4]
    // As text, 18:20:30Z sorts before 19:20:30+01:00; as instants they are one.
    expect(reasonOf('2013-07-16T18:20:30Z')).toBe('later_event_exists')
    expect(reasonOf('2013-07-16T18:20:31Z')).toBe('later_event_exists')
    expect(reasonOf('2013-07-16T18:20:29Z')).toBe('unexplained')
    expect(reasonOf('2013-07-16T19:20:29+01:00')).toBe('unexplained')
  })
})
