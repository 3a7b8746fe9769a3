import { describe, expect, test } from 'vitest'
import { respond } from '../../src/sandbox/respond.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { now } from '../support/build.ts'
import { ask, one, postTo, withSandbox } from './tools.ts'

const time = '2022-12-06T00:00:00.000Z'
const event = { external_id: 'a', name: 'e', time }
const purchase = { external_id: 'a', product_id: 'p', currency: 'USD', price: 1, time }
const required = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
const nothingValid = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

describe('/users/track', () => {
  const track = (profiles: Profiles, body: Parameters<typeof ask>[1]) =>
    ask(profiles, body, {}, '/users/track')

  test('writes every object, and later ones see what earlier ones wrote', () => {
    const profiles = new Profiles()
    const attributes = [
      { external_id: 'a', n: { inc: 2 } },
      { external_id: 'b', email: 'b@c.d' },
      { external_id: 'a', n: { inc: 3 } },
      { email: 'b@c.d', n: 1 },
    ]
    const body = { purchases: [{ ...purchase, quantity: 2 }], events: [event, event], attributes }
    expect(track(profiles, body)).toEqual({
      status: 201,
      body: { message: 'success', attributes_processed: 4, events_processed: 2, purchases_processed: 1 },
    })
    expect(profiles.all().map(profile => profile.custom_attributes)).toEqual([{ n: 5 }, { n: 1 }])
    expect(profiles.all().map(profile => profile.braze_id.slice(-1))).toEqual(['1', '2'])
    expect(profiles.all()[0]).toMatchObject({ custom_events: [{ count: 2 }], purchases: [{ count: 2 }] })
  })

  test('names the objects that are refused, and writes the others', () => {
    const profiles = new Profiles()
    const body = {
      attributes: [{ x: 1 }, { external_id: 'a', x: 1 }],
      events: [event, 'text', { ...event, properties: [] }],
    }
    expect(track(profiles, body)).toEqual({
      status: 201,
      body: {
        message: 'success',
        attributes_processed: 1,
        events_processed: 1,
        errors: [
          { type: required, input_array: 'attributes', index: 0 },
          { type: nothingValid, input_array: 'events', index: 1 },
          { type: "Invalid 'properties' field", input_array: 'events', index: 2 },
        ],
      },
    })
    expect(profiles.size).toBe(1)
  })

  test('refuses a body with nothing valid in it', () => {
    const profiles = new Profiles()
    expect(track(profiles, { attributes: [{ x: 1 }] })).toEqual({
      status: 400,
      body: { message: nothingValid, errors: [{ type: required, input_array: 'attributes', index: 0 }] },
    })
    for (const body of [{}, { attributes: [] }, { events: null }]) {
      expect(track(profiles, body)).toMatchObject({ status: 400, body: { message: nothingValid } })
    }
    expect(profiles.size).toBe(0)
  })

  test('takes 75 objects in total, and not one more', () => {
    const some = (length: number) => Array.from({ length }, (_, i) => ({ external_id: `u${i}`, x: 1 }))
    const profiles = new Profiles()
    expect(track(profiles, { attributes: some(75), events: [event] })).toMatchObject({
      status: 400,
      body: { message: 'Max Input Length Exceeded' },
    })
    expect(profiles.size).toBe(0)
    expect(track(profiles, { attributes: some(74), events: [event] }).status).toBe(201)
    expect(profiles.size).toBe(75)
  })
})

test('neither changes what it was given', () => {
  const profiles = new Profiles()
  ask(profiles, { attributes: [{ external_id: 'a', list: [1], object: { x: 1 } }] })
  const before = JSON.stringify(profiles.all())
  const headers = { authorization: 'Bearer key' }
  const body = JSON.stringify({
    attributes: [{ external_id: 'a', list: { add: [2] }, object: { y: 1 }, _merge_objects: true }],
    events: [event],
    external_ids: ['a'],
  })
  for (const path of ['/users/track', '/users/export/ids']) {
    const { written } = respond({ method: 'POST', path, headers, body }, profiles, now, null)
    expect(written === null).toBe(path === '/users/export/ids')
    expect(JSON.stringify(profiles.all())).toBe(before)
  }
})

describe('/users/export/ids', () => {
  const exported = (profiles: Profiles, body: Parameters<typeof ask>[1]) =>
    ask(profiles, body, {}, '/users/export/ids')

  function filled(): Profiles {
    const profiles = new Profiles()
    const user_alias = { alias_name: 'n', alias_label: 'l' }
    ask(profiles, one('attributes', { external_id: 'a', email: 'a@b.c', first_name: 'Ada', plan: 'gold' }))
    ask(profiles, one('events', event))
    ask(profiles, one('purchases', purchase))
    ask(profiles, one('attributes', { user_alias, phone: '+1555', _update_existing_only: false }))
    ask(profiles, one('attributes', { email: 'a@b.c', external_id: 'c' }))
    return profiles
  }

  test('shows the whole profile, standard fields too, and names who is not there', () => {
    const times = { first: time, last: time, count: 1 }
    expect(exported(filled(), { external_ids: ['a', 'nobody'] })).toEqual({
      status: 201,
      body: {
        message: 'success',
        users: [
          {
            external_id: 'a',
            braze_id: '000000000000000000000001',
            user_aliases: [],
            email: 'a@b.c',
            first_name: 'Ada',
            custom_attributes: { plan: 'gold' },
            custom_events: [{ name: 'e', ...times }],
            purchases: [{ name: 'p', ...times }],
          },
        ],
        invalid_user_ids: ['nobody'],
      },
    })
  })

  test('shows only the fields that were asked for; what is not there is null', () => {
    const fields_to_export = ['external_id', 'country', 'custom_attributes']
    expect(exported(filled(), { external_ids: ['a'], fields_to_export }).body['users']).toEqual([
      { external_id: 'a', country: null, custom_attributes: { plan: 'gold' } },
    ])
  })

  test.each<[Parameters<typeof ask>[1], unknown[]]>([
    [{ user_aliases: [{ alias_label: 'l', alias_name: 'n' }] }, ['000000000000000000000002']],
    [{ phone: '+1 555' }, ['000000000000000000000002']],
    [{ braze_id: '000000000000000000000003' }, ['000000000000000000000003']],
    [{ email_address: 'A@b.c' }, ['000000000000000000000001', '000000000000000000000003']],
    [
      { external_ids: ['a'], email_address: 'a@b.c' },
      ['000000000000000000000001', '000000000000000000000003'],
    ],
  ])('finds by %j', (body, ids) => {
    const users = ids.map(braze_id => ({ braze_id }))
    expect(exported(filled(), { ...body, fields_to_export: ['braze_id'] }).body['users']).toEqual(users)
  })

  test('takes 50 ids, and not one more, and not none', () => {
    const ids = Array.from({ length: 50 }, (_, i) => `u${i}`)
    const profiles = new Profiles()
    expect(exported(profiles, { external_ids: ids }).body['invalid_user_ids']).toHaveLength(50)
    const more = { external_ids: ids, user_aliases: [{ alias_label: 'l', alias_name: 'n' }] }
    expect(exported(profiles, more)).toMatchObject({
      status: 400,
      body: { message: 'Max Input Length Exceeded' },
    })
    expect(exported(profiles, {}).status).toBe(400)
  })
})

test('over HTTP the neighbours share the users of the endpoint and not its limit', async () => {
  await withSandbox({ limit: 1, window: 'rolling' }, async sandbox => {
    await postTo(sandbox, one('attributes', { external_id: 'a', plan: 'gold' }))
    const tracked = await postTo(sandbox, { attributes: [{ external_id: 'a', n: 1 }] }, '/users/track')
    expect(tracked.status).toBe(201)
    expect(tracked.headers.get('x-ratelimit-limit')).toBeNull()
    const exported = await postTo(sandbox, { external_ids: ['a'] }, '/users/export/ids')
    expect(await exported.json()).toMatchObject({ users: [{ custom_attributes: { plan: 'gold', n: 1 } }] })
    expect((await postTo(sandbox, one('events', event))).status).toBe(429)
  })
})
