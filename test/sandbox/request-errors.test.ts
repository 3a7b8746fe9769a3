import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/model/kind.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { respond } from '../../src/sandbox/respond.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { now, post, send } from '../support/build.ts'
import { ask, one } from './tools.ts'

const refused = (body: string) => post(new Profiles(), body).response

describe('a request is refused', () => {
  test.each<[string, string, RegExp]>([
    ['that is no JSON', '{"attributes":[{"external_id":"a",}]}', /Invalid JSON/],
    ['that is a list', '[]', /Invalid JSON/],
    ['that names no kind', '{}', /Valid data must be provided/],
    ['whose list is empty', '{"attributes":[]}', /Valid data must be provided/],
    ['whose object is text', '{"events":"e"}', /Valid data must be provided/],
    ['with two objects', '{"attributes":[{"external_id":"a"},{}]}', /Max Input Length Exceeded/],
    ['with two kinds', '{"attributes":[{"external_id":"a"}],"events":[]}', /Only one of/],
  ])('%s', (_, body, message) => {
    const { status, body: said } = refused(body)
    expect(status).toBe(400)
    expect(said['message']).toMatch(message)
    expect(said['errors']).toEqual([expect.objectContaining({ type: said['message'] })])
  })

  test('with 413 above four million bytes, and not at four million', () => {
    const sized = (bytes: number) => {
      const start = '{"attributes":[{"external_id":"a","x":"'
      return `${start}${'x'.repeat(bytes - start.length - 4)}"}]}`
    }
    expect(refused(sized(4_000_001)).status).toBe(413)
    expect(refused(sized(4_000_000)).status).toBe(201)
  })

  test.each([
    ['GET', '/users/track/sync'],
    ['GET', '/users/track'],
    ['POST', '/users/track/sync/'],
  ])('with 404 for %s %s', (method, path) => {
    const headers = { authorization: 'Bearer key' }
    const result = respond({ method, path, headers, body: '{}' }, new Profiles(), now, null)
    expect(result).toEqual({ response: { status: 404, body: { message: 'Not Found' } }, written: null })
  })

  test.each<[string | undefined, number]>([
    [undefined, 401],
    ['', 401],
    ['Bearer', 401],
    ['Bearer "right"', 401],
    ["Bearer 'right'", 401],
    ['right', 401],
    ['Basic right', 401],
    ['Bearer wrong', 401],
    ['Bearer right', 400],
  ])('with the header %j with a %s', (authorization, status) => {
    const request = { method: 'POST', path: '/users/track/sync', headers: { authorization }, body: '{}' }
    expect(respond(request, new Profiles(), now, { key: 'right' }).response.status).toBe(status)
  })

  test('with a quoted key even where any key is good', () => {
    const headers = { authorization: 'Bearer "any"' }
    const request = { method: 'POST', path: '/users/track/sync', headers, body: '{}' }
    expect(respond(request, new Profiles(), now, null).response.status).toBe(401)
  })
})

describe('an object is refused', () => {
  /** A good body of each kind; each case changes one thing of it. */
  const good: Record<Kind, JsonObject> = {
    attributes: {},
    events: { external_id: 'a', name: 'e', time: '2022-12-06' },
    purchases: { external_id: 'a', product_id: 'p', currency: 'USD', price: 1.5, time: '2022-12-06' },
  }
  const none = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
  const two = "Only one of 'external_id', 'braze_id' or 'user_alias' may be given"
  const half = "'user_alias' needs 'alias_name' and 'alias_label'"
  const email = "The value provided for the 'email' field is not a valid email."

  test.each<[string, Kind, JsonObject, string]>([
    ['without an identifier', 'attributes', { x: 1 }, none],
    ['with two primary ones', 'attributes', { external_id: 'a', braze_id: 'b' }, two],
    ['with an id of 988 bytes', 'attributes', { external_id: 'é'.repeat(494) }, 'EXTERNAL_USER_ID_TOO_LARGE'],
    ['with an empty id', 'attributes', { external_id: '' }, "'external_id' is not valid"],
    ['with half an alias', 'attributes', { user_alias: { alias_name: 'n' } }, half],
    [
      'with a long alias',
      'attributes',
      { user_alias: { alias_name: 'n', alias_label: 'x'.repeat(237) } },
      half,
    ],
    ['with an email that is none', 'attributes', { email: 'ada' }, email],
    ['with an email that is data and none', 'attributes', { external_id: 'a', email: 'ada' }, email],
    ['of no date', 'events', { time: 'noon' }, "'time' is not valid"],
    ['of an impossible date', 'events', { time: '2022-01-001T00:00:00.000Z' }, "'time' is not valid"],
    ['without a name', 'events', { name: '' }, "'name' is not valid"],
    ['with properties that are a list', 'events', { properties: [] }, "Invalid 'properties' field"],
    ['with a price as text', 'purchases', { price: '1' }, "'price' is not valid"],
    ['with a quantity of 101', 'purchases', { quantity: 101 }, "'quantity' is not valid"],
    ['with a quantity of 0', 'purchases', { quantity: 0 }, "'quantity' is not valid"],
    ['with a currency in small letters', 'purchases', { currency: 'usd' }, "'currency' is not valid"],
  ])('%s', (_, kind, change, message) => {
    const profiles = new Profiles()
    const errors = [{ type: message, input_array: kind, index: 0 }]
    expect(send(profiles, kind, { ...good[kind], ...change })).toEqual({
      status: 400,
      body: { message, errors },
    })
    expect(profiles.size).toBe(0)
  })

  test.each(['name', 'time'])('of an event without %s', field => {
    const body = Object.fromEntries(Object.entries(good.events).filter(([name]) => name !== field))
    expect(send(new Profiles(), 'events', body).body['message']).toBe(`'${field}' is required`)
  })

  test('with an id of 987 bytes it is not', () => {
    expect(send(new Profiles(), 'attributes', { external_id: `${'é'.repeat(493)}x` }).status).toBe(201)
  })
})

describe('a standard field is refused', () => {
  test.each<[string, JsonObject]>([
    ['BAD_EMAIL_SUBSCRIPTION_STATE', { email_subscribe: 'Subscribed' }],
    ['BAD_PUSH_SUBSCRIPTION_STATE', { push_subscribe: true }],
    ['BAD_SUBSCRIPTION_GROUP_ARRAY', { subscription_groups: {} }],
    ['BAD_SUBSCRIPTION_GROUP_HASH', { subscription_groups: ['a'] }],
    ['BAD_SUBSCRIPTION_GROUP_ID', { subscription_groups: [{ subscription_state: 'subscribed' }] }],
    [
      'BAD_SUBSCRIPTION_GROUP_STATE',
      { subscription_groups: [{ subscription_group_id: 'a', subscription_state: 'opted_in' }] },
    ],
    ['BAD_LOCATION_UPDATE', { current_location: { longitude: 1 } }],
    ['BAD_DEVICE_ID', { push_tokens: [{ app_id: 'a', token: 't', device_id: 'short' }] }],
    ['INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO', { email_subscription_info: {} }],
  ])('with %s', (code, body) => {
    const { status, body: said } = send(new Profiles(), 'attributes', { external_id: 'a', ...body })
    expect([status, said['message']]).toEqual([400, code])
  })

  test.each<[JsonObject]>([
    [{ email_subscribe: 'opted_in', push_subscribe: null }],
    [{ subscription_groups: [{ subscription_group_id: 'a', subscription_state: 'subscribed' }] }],
    [{ current_location: { longitude: 1, latitude: 2 } }],
    [{ push_tokens: [{ app_id: 'a', token: 't', device_id: '12345678' }] }],
    [{ gender: 'x', country: 'Atlantis', time_zone: 'nowhere', dob: 'noon' }],
  ])('never for %j', body => {
    expect(send(new Profiles(), 'attributes', { external_id: 'a', ...body }).status).toBe(201)
  })
})

describe('properties', () => {
  const event = { external_id: 'a', name: 'e', time: '2022-12-06' }
  const purchase = { external_id: 'a', product_id: 'p', currency: 'USD', price: 1, time: '2022-12-06' }
  const big = (bytes: number) => ({ list: [], text: 'x'.repeat(bytes - '{"list":[],"text":""}'.length) })

  test.each<[string, Kind, JsonObject, number]>([
    ['may say anything else', 'events', { size: 1, text: 'x'.repeat(300), deep: { x: [null] } }, 201],
    ['may not be named `time`', 'events', { time: 1 }, 400],
    ['may not be named `event_name`', 'events', { event_name: 1 }, 400],
    ['of an event may be named `price`', 'events', { price: 1 }, 201],
    ...['time', 'event_name', 'product_id', 'quantity', 'price', 'currency'].map(
      (name): [string, Kind, JsonObject, number] => [
        `of a purchase: ${name}`,
        'purchases',
        { [name]: 1 },
        400,
      ],
    ),
    ['may not begin with a dollar sign', 'events', { $x: 1 }, 400],
    ['may not be without a name', 'purchases', { '': 1 }, 400],
    ['of 255 characters are named well', 'events', { ['x'.repeat(255)]: 1 }, 201],
    ['of 256 characters are not', 'events', { ['x'.repeat(256)]: 1 }, 400],
    ['of 100 KB are taken', 'events', big(102_400), 201],
    ['of a byte more are not', 'events', big(102_401), 400],
    ['of 100 KB are taken of a purchase', 'purchases', big(102_400), 201],
    ['without lists and objects may have any size', 'events', { text: 'x'.repeat(200_000) }, 201],
  ])('%s', (_, kind, properties, status) => {
    const said = send(new Profiles(), kind, { ...(kind === 'events' ? event : purchase), properties })
    expect(said.status).toBe(status)
    if (status === 400) expect(said.body['message']).toBe("Invalid 'properties' field")
  })

  test('of a purchase have the size that the reading says', () => {
    const body = one('purchases', { ...purchase, properties: big(60_000) })
    expect(ask(new Profiles(), body, { readings: { purchasePropertiesBytes: 51_200 } }).status).toBe(400)
    expect(ask(new Profiles(), body).status).toBe(201)
  })
})

describe('errors as codes', () => {
  const rules = { readings: { errorText: 'code' as const } }

  test.each<[JsonObject, string]>([
    [{ email: 'ada' }, 'EMAIL_BAD_FORMAT'],
    [{ external_id: 'x'.repeat(988) }, 'EXTERNAL_USER_ID_TOO_LARGE'],
    [{ external_id: 'a', email_subscribe: 'no' }, 'BAD_EMAIL_SUBSCRIPTION_STATE'],
    [{ x: 1 }, "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"],
  ])('%j is refused with %s', (body, type) => {
    expect(ask(new Profiles(), one('attributes', body), rules)).toEqual({
      status: 400,
      body: { message: type, errors: [{ type, input_array: 'attributes', index: 0 }] },
    })
  })
})
