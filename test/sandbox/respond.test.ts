import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/model/kind.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { post, send } from '../support/build.ts'

const alias = { alias_name: 'n', alias_label: 'l' }
const event = { name: 'e', time: '2022-12-06T19:20:45+01:00' }
const purchase = { product_id: 'p', currency: 'USD', price: 1.5, time: '2022-12-06T19:20:45+01:00' }

/** What the endpoint lists of the user after this object. */
function listed(profiles: Profiles, kind: Kind, body: JsonObject): Json | undefined {
  const { users } = send(profiles, kind, body).body
  return Array.isArray(users) ? users[0] : users
}

describe('a user', () => {
  const nobody: [string, JsonObject, boolean][] = [
    ['external_id', { external_id: 'a' }, true],
    ['external_id that may only update', { external_id: 'a', _update_existing_only: true }, false],
    ['email', { email: 'a@b.c' }, true],
    ['email that may only update', { email: 'a@b.c', _update_existing_only: true }, false],
    ['phone', { phone: '+1555' }, true],
    ['alias', { user_alias: alias }, false],
    ['alias that may only update', { user_alias: alias, _update_existing_only: true }, false],
    ['alias that may create', { user_alias: alias, _update_existing_only: false }, true],
    ['braze_id', { braze_id: 'x' }, false],
    ['braze_id that may create', { braze_id: 'x', _update_existing_only: false }, false],
  ]
  for (const [kind, rest] of [
    ['attributes', {}],
    ['events', event],
    ['purchases', purchase],
  ] as const) {
    test.each(nobody)(`addressed by %s, with ${kind}, is created: %s`, (_, identifier, created) => {
      const profiles = new Profiles()
      const { status, body } = send(profiles, kind, { ...identifier, ...rest })
      expect(status).toBe(201)
      expect(profiles.size).toBe(created ? 1 : 0)
      if (!created) expect(body).toEqual({ users: [], message: 'success' })
    })
  }

  test('is found again by each identifier that it has', () => {
    const profiles = new Profiles()
    send(profiles, 'attributes', { external_id: 'a', email: 'A@b.c', phone: '+1 555', x: 1 })
    const [one] = profiles.all()
    for (const identifier of [{ email: 'a@B.c' }, { phone: '1555' }, { braze_id: one?.braze_id ?? '' }]) {
      send(profiles, 'attributes', { ...identifier, x: { inc: 1 }, _update_existing_only: true })
    }
    expect(profiles.all()).toHaveLength(1)
    expect(profiles.all()[0]?.custom_attributes).toEqual({ x: 4 })
  })

  test('is another one where the alias has another label', () => {
    const profiles = new Profiles()
    for (const alias_label of ['l', 'm', 'l']) {
      send(profiles, 'attributes', {
        user_alias: { alias_name: 'n', alias_label },
        _update_existing_only: false,
      })
    }
    expect(profiles.all().map(profile => profile.user_aliases[0]?.alias_label)).toEqual(['l', 'm'])
  })

  test('with a primary identifier keeps an email as data, even where it makes a second profile', () => {
    const profiles = new Profiles()
    send(profiles, 'attributes', { email: 'a@b.c' })
    send(profiles, 'attributes', { external_id: 'a', email: 'a@b.c' })
    expect(profiles.size).toBe(2)
    send(profiles, 'attributes', { email: 'a@b.c', x: 1 })
    expect(profiles.all().map(profile => profile.custom_attributes)).toEqual([{}, { x: 1 }])
  })

  test('is addressed by email where phone is given too', () => {
    const profiles = new Profiles()
    send(profiles, 'attributes', { phone: '1' })
    send(profiles, 'attributes', { email: 'a@b.c', phone: '2' })
    expect(profiles.all().map(profile => profile.standard)).toEqual([
      { phone: '1' },
      { email: 'a@b.c', phone: '2' },
    ])
  })
})

describe('an answer', () => {
  test('is the same for one object and for a list of one', () => {
    const object = { external_id: 'a', plan: 'gold' }
    const alone = post(new Profiles(), JSON.stringify({ attributes: object }))
    expect(alone).toEqual(post(new Profiles(), JSON.stringify({ attributes: [object] })))
    const users = [{ external_id: 'a', custom_attributes: { plan: 'gold' } }]
    expect(alone.response).toEqual({ status: 201, body: { users, message: 'success' } })
  })

  test('lists custom attributes of the request only, and no standard field', () => {
    const profiles = new Profiles()
    send(profiles, 'attributes', { external_id: 'a', old: 1 })
    const body = { external_id: 'a', first_name: 'Ada', email: 'a@b.c', First_name: 'x', gone: null }
    expect(listed(profiles, 'attributes', body)).toEqual({
      external_id: 'a',
      custom_attributes: { First_name: 'x' },
    })
  })

  test('lists the event of the request with its lifetime count, in UTC', () => {
    const profiles = new Profiles()
    send(profiles, 'events', { email: 'a@b.c', name: 'other', time: '2020-01-01' })
    send(profiles, 'events', { email: 'a@b.c', ...event })
    expect(listed(profiles, 'events', { email: 'a@b.c', ...event, time: '2021-01-01' })).toEqual({
      email: 'a@b.c',
      custom_events: [
        { name: 'e', first: '2021-01-01T00:00:00.000Z', last: '2022-12-06T18:20:45.000Z', count: 2 },
      ],
    })
  })

  test('counts a purchase by its quantity, and a time in the future as now', () => {
    const profiles = new Profiles()
    send(profiles, 'purchases', { external_id: 'a', ...purchase })
    const later = { external_id: 'a', ...purchase, quantity: 4, time: '2999-01-01' }
    const bought = {
      product_id: 'p',
      first: '2022-12-06T18:20:45.000Z',
      last: '2024-05-06T07:08:09.000Z',
      count: 5,
    }
    expect(listed(profiles, 'purchases', later)).toEqual({ external_id: 'a', purchase_events: [bought] })
  })
})

describe('an attribute', () => {
  /** What the profile holds of `a` after these values, one request each. */
  function after(...values: Json[]): Json | undefined {
    const profiles = new Profiles()
    for (const a of values) send(profiles, 'attributes', { external_id: 'u', a })
    return profiles.all()[0]?.custom_attributes['a']
  }
  const many = Array.from({ length: 501 }, (_, i) => i)

  test.each<[string, Json[], Json | undefined]>([
    ['of 255 characters is stored', ['🦊'.repeat(255)], '🦊'.repeat(255)],
    ['of 256 characters leaves the old value', ['old', 'x'.repeat(256)], 'old'],
    ['of 256 characters leaves nothing where nothing was', ['x'.repeat(256)], undefined],
    ['list of 501 keeps its last 500', [many], many.slice(1)],
    [
      'list over the limit by adding loses its oldest',
      [many.slice(1), { add: [7.5] }],
      [...many.slice(2), 7.5],
    ],
    ['list is a set', [['hotdog', 'hotdog', 'hotdog', 'pizza']], ['hotdog', 'pizza']],
    ['element added again moves to the end', [['pizza', 'wings'], { add: ['pizza'] }], ['wings', 'pizza']],
    ['element is removed', [['a', 'b'], { remove: ['a', 'c'] }], ['b']],
    ['object with other keys beside `add` is an object', [{ add: ['a'], x: 1 }], { add: ['a'], x: 1 }],
    ['number is incremented', [5, { inc: -7 }], -2],
    ['number that is not there starts at nought', [{ inc: 3 }], 3],
    ['date is kept as its moment', ['2022-12-06'], '2022-12-06T00:00:00.000Z'],
    ['date after the year 3000 stays text', ['3001-01-01'], '3001-01-01'],
    ['date that does not exist stays text', ['2022-02-30'], '2022-02-30'],
    ['object replaces an object', [{ x: 1 }, { y: 2 }], { y: 2 }],
    ['null removes it', ['a', null], undefined],
  ])('%s', (_, values, held) => {
    expect(after(...values)).toEqual(held)
  })

  test('object is merged where the request says so', () => {
    const profiles = new Profiles()
    send(profiles, 'attributes', { external_id: 'u', a: { x: { y: 1 } } })
    send(profiles, 'attributes', { external_id: 'u', a: { x: { z: 2 } }, _merge_objects: true })
    expect(profiles.all()[0]?.custom_attributes).toEqual({ a: { x: { y: 1, z: 2 } } })
  })
})

test('the function changes nothing that it was given', () => {
  const profiles = new Profiles()
  send(profiles, 'attributes', { external_id: 'a', list: [1], object: { x: 1 }, items: [{ id: 1 }], n: 1 })
  send(profiles, 'events', { external_id: 'a', ...event })
  send(profiles, 'purchases', { external_id: 'a', ...purchase })
  const before = JSON.stringify(profiles.all())
  const items = {
    $add: { id: 2 },
    $update: { $identifier_key: 'id', $identifier_value: 1, $new_object: { x: 2 } },
  }
  const change = {
    list: { add: [2] },
    object: { y: 2 },
    items,
    n: { inc: 1 },
    first_name: 'Ada',
    email: 'a@b.c',
  }
  const bodies: [Kind, JsonObject][] = [
    ['attributes', { ...change, _merge_objects: true }],
    ['attributes', { list: null, object: null }],
    ['events', event],
    ['purchases', { ...purchase, quantity: 9 }],
  ]
  for (const [kind, body] of bodies) {
    const { written } = post(profiles, JSON.stringify({ [kind]: [{ external_id: 'a', ...body }] }))
    expect(written).not.toBeNull()
    expect(JSON.stringify(profiles.all())).toBe(before)
  }
})
