import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import type { Pinned } from '../../src/sandbox/rules.ts'
import { after, ask, attributesAfter, firstUser, one } from './tools.ts'

describe('a forced type', () => {
  test.each<[Pinned, Json, Json]>([
    ['boolean', 1, true],
    ['boolean', 'T', true],
    ['boolean', 'True', true],
    ['boolean', '0', false],
    ['boolean', 'f', false],
    ['boolean', false, false],
    ['boolean', 'yes', 'old'],
    ['boolean', 2, 'old'],
    ['number', 5, 5],
    ['number', '5', 5],
    ['number', '-1.5', -1.5],
    ['number', '5a', 'old'],
    ['number', true, 'old'],
    ['number', { inc: 2 }, 2],
    ['string', 5, '5'],
    ['string', true, 'true'],
    ['string', '2022-12-06', '2022-12-06'],
    ['string', ['a'], 'old'],
    ['array', ['a'], ['a']],
    ['array', { add: ['a'] }, ['a']],
    ['array', 'a', 'old'],
    ['array', { inc: 1 }, 'old'],
    ['time', '2022-12-06', '2022-12-06T00:00:00.000Z'],
    ['time', 'noon', 'old'],
    ['time', 5, 'old'],
    ['time', { x: 1 }, 'old'],
  ])('%s takes %j as %j', (type, value, held) => {
    const profiles = new Profiles()
    ask(profiles, one('attributes', { external_id: 'u', a: 'old' }))
    ask(profiles, one('attributes', { external_id: 'u', a: value }), { pinned: { a: type } })
    expect(profiles.all()[0]?.custom_attributes['a']).toEqual(held)
  })

  test('coerces nothing where the reading says so', () => {
    const rules = { pinned: { a: 'number' as const }, readings: { forcedType: 'reject' as const } }
    expect(after([1, '5'], rules)).toBe(1)
    expect(after([1, 5], rules)).toBe(5)
  })

  test('lets null remove', () => {
    expect(after([1, null], { pinned: { a: 'number' } })).toBeUndefined()
  })
})

describe('a blocked name', () => {
  const time = '2022-12-06'
  test('is neither stored nor listed; its neighbours are', () => {
    const profiles = new Profiles()
    const rules = { blocked: { attributes: ['secret'] } }
    const answer = ask(profiles, one('attributes', { external_id: 'u', secret: 1, plain: 2 }), rules)
    expect(firstUser(answer)).toEqual({ external_id: 'u', custom_attributes: { plain: 2 } })
    expect(profiles.all()[0]?.custom_attributes).toEqual({ plain: 2 })
  })

  test('of an event or product counts nothing and is not listed', () => {
    const profiles = new Profiles()
    const bought = { external_id: 'u', product_id: 'p', currency: 'USD', price: 1, time }
    ask(profiles, one('events', { external_id: 'u', name: 'e', time }))
    ask(profiles, one('purchases', bought))
    const rules = { blocked: { events: ['e'], purchases: ['p'] } }
    expect(firstUser(ask(profiles, one('events', { external_id: 'u', name: 'e', time }), rules))).toEqual({
      external_id: 'u',
      custom_events: [],
    })
    expect(firstUser(ask(profiles, one('purchases', bought), rules))).toEqual({
      external_id: 'u',
      purchase_events: [],
    })
    expect(profiles.all()[0]?.custom_events[0]?.count).toBe(1)
    expect(profiles.all()[0]?.purchases[0]?.count).toBe(1)
  })

  test('is also `bio`, which the API has retired', () => {
    expect(attributesAfter([{ bio: 'x', plan: 'gold' }])).toEqual({ plan: 'gold' })
  })
})

describe('several kinds in one body', () => {
  const time = '2022-12-06T00:00:00.000Z'
  const body: JsonObject = {
    purchases: [{ external_id: 'u', product_id: 'p', currency: 'USD', price: 1, time }],
    events: { external_id: 'u', name: 'e', time },
    attributes: [{ external_id: 'u', plan: 'gold' }],
  }
  const allow = { readings: { mixedBody: 'allow' as const } }

  test('are refused, or applied one after the other and answered as one user', () => {
    const profiles = new Profiles()
    expect(ask(profiles, body).status).toBe(400)
    expect(profiles.size).toBe(0)
    const { status, body: said } = ask(profiles, body, allow)
    expect(status).toBe(201)
    const times = { first: time, last: time, count: 1 }
    expect(said['users']).toEqual([
      {
        external_id: 'u',
        custom_attributes: { plan: 'gold' },
        custom_events: [{ name: 'e', ...times }],
        purchase_events: [{ product_id: 'p', ...times }],
      },
    ])
    expect(profiles.size).toBe(1)
  })

  test('begin with the attributes: they make the user that an event by email finds', () => {
    const profiles = new Profiles()
    const mixed = {
      events: [{ email: 'a@b.c', name: 'e', time }],
      attributes: [{ external_id: 'u', email: 'a@b.c' }],
    }
    expect(firstUser(ask(profiles, mixed, allow))).toMatchObject({
      external_id: 'u',
      custom_events: [{ count: 1 }],
    })
    expect(profiles.size).toBe(1)
  })

  test('are refused together where one is wrong', () => {
    const profiles = new Profiles()
    expect(ask(profiles, { ...body, events: [{ external_id: 'u' }] }, allow).status).toBe(400)
    expect(profiles.size).toBe(0)
  })
})

test('an event of an unknown alias makes no profile where the reading says never', () => {
  const alias = { user_alias: { alias_name: 'n', alias_label: 'l' }, _update_existing_only: false }
  const rules = { readings: { aliasOccurrence: 'never_creates' as const } }
  const profiles = new Profiles()
  const event = one('events', { ...alias, name: 'e', time: '2022-12-06' })
  expect(ask(profiles, event, rules).body['users']).toEqual([])
  ask(profiles, one('attributes', alias), rules)
  expect(ask(profiles, event, rules).body['users']).toHaveLength(1)
})

describe('a standard field', () => {
  test.each<[string, Json, Json | undefined]>([
    ['country', 'DE', 'DE'],
    ['country', 'de', 'DE'],
    ['country', 'Germany', 'DE'],
    ['country', 'UK', 'GB'],
    ['country', 'ZA', 'ZA'],
    ['country', 'Atlantis', undefined],
    ['time_zone', 'Europe/Berlin', 'Europe/Berlin'],
    ['time_zone', 'Eastern Time (US & Canada)', 'Eastern Time (US & Canada)'],
    ['time_zone', 'Mars/Base', 'old'],
    ['gender', 'whatever', 'whatever'],
    ['dob', '1980-12-21', '1980-12-21'],
    ['first_name', '2020-01-01', '2020-01-01'],
    ['date_of_first_session', '2020-01-01', '2020-01-01T00:00:00.000Z'],
    ['home_city', null, undefined],
  ])('%s %j is kept as %j', (name, value, held) => {
    const profiles = new Profiles()
    const [user] = [{ external_id: 'u' }]
    ask(profiles, one('attributes', user))
    const [profile] = profiles.all()
    if (profile !== undefined) profiles.save([{ ...profile, standard: { [name]: 'old' } }])
    ask(profiles, one('attributes', { ...user, [name]: value }))
    expect(profiles.all()[0]?.standard[name]).toEqual(held)
  })
})
