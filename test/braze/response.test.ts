import { describe, expect, test } from 'vitest'
import {
  echoedAttributes,
  echoedIdentifiers,
  echoedOccurrence,
  readEcho,
  readMessage,
  returnedValue,
} from '../../src/braze/response.ts'

const user = { external_id: 'a', custom_attributes: { plan: 'gold' } }

describe('the user of an answer', () => {
  test.each([
    ['a list of one', { users: [user] }],
    ['an object', { users: user }],
  ])('is read from %s', (_, reply) => {
    expect(readEcho(JSON.stringify({ ...reply, message: 'success' }))).toEqual({ user })
  })

  test.each([
    ['an empty list', '{"users":[],"message":"success"}'],
    ['an empty object', '{"users":{}}'],
    ['a list with an empty object', '{"users":[{}]}'],
    ['null', '{"users":null}'],
    ['no key at all', '{"message":"success"}'],
  ])('is nobody where `users` is %s', (_, reply) => {
    expect(readEcho(reply)).toEqual({ user: null })
  })

  test.each([
    '',
    '<html>',
    '[]',
    '"success"',
    'null',
    '{"users":[{"external_id":"a",}]}',
    '{"users":"a"}',
    '{"users',
  ])('cannot be read from %j', reply => {
    expect(readEcho(reply)).toBeUndefined()
  })
})

describe('the parts of an answer', () => {
  test('attributes are there or not, and a list is none', () => {
    expect(echoedAttributes(user)).toEqual({ plan: 'gold' })
    expect(echoedAttributes({ external_id: 'a' })).toBeUndefined()
    expect(echoedAttributes({ custom_attributes: [] })).toBeUndefined()
  })

  test('an event is found by its name in a list or alone', () => {
    const event = { name: 'e', first: 'f', last: 'l', count: 2 }
    expect(echoedOccurrence({ custom_events: [{ ...event, name: 'x' }, event] }, 'events', 'e')).toEqual(
      event,
    )
    expect(echoedOccurrence({ custom_events: event }, 'events', 'e')).toEqual(event)
    expect(echoedOccurrence({ custom_events: [event] }, 'events', 'E')).toBeUndefined()
    expect(echoedOccurrence({ custom_events: [event] }, 'purchases', 'e')).toBeUndefined()
  })

  test('an event that lacks its count, or has it as text, is not there', () => {
    const event = { name: 'e', first: 'f', last: 'l', count: '2' }
    expect(echoedOccurrence({ custom_events: [event] }, 'events', 'e')).toBeUndefined()
  })

  test('only identifiers count as identifiers', () => {
    expect(echoedIdentifiers({ ...user, email: null, first_name: 'x' })).toEqual({
      external_id: 'a',
      email: null,
    })
  })

  test('the returned value is that of the requested name, whatever the name', () => {
    expect(returnedValue(user, 'attributes', {}, 'plan')).toBe('gold')
    expect(returnedValue(user, 'attributes', {}, 'toString')).toBeUndefined()
    expect(returnedValue({ first_name: 'Ada' }, 'attributes', {}, 'first_name')).toBe('Ada')
    expect(returnedValue({ first_name: null }, 'attributes', {}, 'first_name')).toBeNull()
    expect(returnedValue({ custom_attributes: { first_name: 1 } }, 'attributes', {}, 'first_name')).toBe(
      undefined,
    )
    // A custom attribute may have the name of anything that is beside the attributes.
    expect(returnedValue({ custom_events: [] }, 'attributes', {}, 'custom_events')).toBeUndefined()
    const bought = { purchase_events: [{ product_id: 'p', first: 'f', last: 'l', count: 3 }] }
    const body = { product_id: 'p' }
    expect(returnedValue(bought, 'purchases', body, 'product_id')).toEqual({ product_id: 'p', count: 3 })
    expect(returnedValue(bought, 'purchases', body, 'time')).toEqual({ first: 'f', last: 'l' })
    expect(returnedValue(bought, 'purchases', body, 'price')).toBeUndefined()
  })
})

describe('the message of an answer', () => {
  test.each([
    ['says each sentence once', '{"message":"bad","errors":[{"type":"bad","index":0}]}', 'bad'],
    [
      'adds what `errors` adds',
      '{"message":"bad","errors":[{"type":"worse"},"plain"]}',
      'bad · worse · plain',
    ],
    ['shows an error of an unknown form', '{"message":"bad","errors":[{"code":7}]}', 'bad · {"code":7}'],
    ['is the text where there is no JSON', '<h1>502</h1>', '<h1>502</h1>'],
  ])('%s', (_, body, said) => {
    expect(readMessage(body)).toBe(said)
  })

  test('is not endless', () => {
    expect(readMessage('x'.repeat(100_000))).toHaveLength(200)
  })
})

test('results beside `users`, as the schema block of the documentation shows them, are read like those inside', () => {
  const body = '{"users":{"external_id":"u1"},"custom_attributes":{"plan":"gold"},"message":"success"}'
  expect(readEcho(body)).toEqual({ user: { external_id: 'u1', custom_attributes: { plan: 'gold' } } })
})
