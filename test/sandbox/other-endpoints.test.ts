import { describe, expect, test } from 'vitest'
import { respond } from '../../src/sandbox/respond.ts'
import { isFastExport } from '../../src/sandbox/export-ids.ts'
import { ExportView } from '../../src/sandbox/export-view.ts'
import { newProfile, Profiles } from '../../src/sandbox/profile.ts'
import type { SandboxOptions } from '../../src/sandbox/server.ts'
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
  const fields_to_export = ['braze_id']

  function filled(): Profiles {
    const profiles = new Profiles()
    const user_alias = { alias_name: 'n', alias_label: 'l' }
    const current_location = { longitude: -8.6, latitude: 41.1 }
    const about = { email: 'a@b.c', first_name: 'Ada', plan: 'gold', current_location }
    ask(profiles, one('attributes', { external_id: 'a', ...about }))
    ask(profiles, one('events', event))
    ask(profiles, one('purchases', purchase))
    ask(profiles, one('attributes', { user_alias, phone: '+1555', _update_existing_only: false }))
    ask(profiles, one('attributes', { email: 'a@b.c', external_id: 'c' }))
    return profiles
  }

  test('shows every field that an export has, and names who is not there', () => {
    const times = { first: time, last: time, count: 1 }
    const identifiers = ['external_id', 'braze_id', 'user_aliases', 'email']
    const names = [...identifiers, 'first_name', 'custom_attributes', 'custom_events', 'purchases']
    expect(exported(filled(), { external_ids: ['a', 'nobody'], fields_to_export: names })).toEqual({
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

  test('shows a place as longitude and latitude, under another name', () => {
    const body = { external_ids: ['a', 'c'], fields_to_export: ['last_coordinates', 'current_location'] }
    expect(exported(filled(), body).body['users']).toEqual([
      { last_coordinates: [-8.6, 41.1] },
      { last_coordinates: null },
    ])
  })

  test('shows what the profile does not have as null or empty, and no field that exports do not have', () => {
    const names = ['external_id', 'country', 'custom_attributes', 'custom_events', 'subscription_groups', 7]
    const body = { external_ids: ['c'], fields_to_export: names }
    expect(exported(filled(), body).body['users']).toEqual([
      { external_id: 'c', country: null, custom_attributes: {}, custom_events: [] },
    ])
  })

  test.each([undefined, [], 'email'])('needs the names of the fields (%j)', fields => {
    const body = { external_ids: ['a'], ...(fields === undefined ? {} : { fields_to_export: fields }) }
    expect(exported(filled(), body)).toMatchObject({
      status: 400,
      body: { message: "'fields_to_export' is required" },
    })
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
    expect(exported(filled(), { ...body, fields_to_export }).body['users']).toEqual(users)
  })

  test.each(['braze_id', 'email_address', 'phone'])('takes one %s and no list', name => {
    expect(exported(filled(), { [name]: ['a'], fields_to_export }).status).toBe(400)
  })

  test('takes 50 ids, and not one more, and not none', () => {
    const ids = Array.from({ length: 50 }, (_, i) => `u${i}`)
    const profiles = new Profiles()
    const full = { external_ids: ids, fields_to_export }
    expect(exported(profiles, full).body['invalid_user_ids']).toHaveLength(50)
    const more = { ...full, user_aliases: [{ alias_label: 'l', alias_name: 'n' }] }
    expect(exported(profiles, more)).toMatchObject({
      status: 400,
      body: { message: 'Max Input Length Exceeded' },
    })
    expect(exported(profiles, { fields_to_export }).status).toBe(400)
  })

  test('a request that names campaigns or canvases, or no fields, gets no faster limit', () => {
    expect(isFastExport({ external_ids: ['a'], fields_to_export: ['email'] })).toBe(true)
    for (const names of [['email', 'campaigns_received'], ['canvases_received'], [], undefined])
      expect(isFastExport({ external_ids: ['a'], fields_to_export: names ?? null })).toBe(false)
  })
})

describe('what an export shows of a write', () => {
  const profile = (braze_id: string, plan: string) => ({
    ...newProfile({ external_id: braze_id }, 1),
    braze_id,
    custom_attributes: { plan },
  })
  const plans = (view: ExportView, at: number) =>
    view
      .profiles(at)
      .all()
      .map(user => user.custom_attributes['plan'])

  test('comes after its delay, and never before an earlier write', () => {
    const view = new ExportView()
    view.add([profile('a', 'gold')], 100)
    view.add([profile('a', 'red')], 50)
    expect(plans(view, 99)).toEqual([])
    expect(plans(view, 100)).toEqual(['red'])
    view.add([profile('b', 'blue')], 300)
    expect(plans(view, 299)).toEqual(['red'])
    expect(plans(view, 300)).toEqual(['red', 'blue'])
  })

  test('over HTTP is what the synchronous endpoint showed at once', async () => {
    const hourMs = 3_600_000
    const look = { external_ids: ['a'], fields_to_export: ['custom_attributes'] }
    const body = one('attributes', { external_id: 'a', plan: 'gold' })
    await withSandbox({ settle: hourMs }, async sandbox => {
      const synced = await postTo(sandbox, body)
      expect(await synced.json()).toMatchObject({ users: [{ custom_attributes: { plan: 'gold' } }] })
      const early = await postTo(sandbox, look, '/users/export/ids')
      expect(await early.json()).toMatchObject({ users: [], invalid_user_ids: ['a'] })
    })
    await withSandbox({}, async sandbox => {
      await postTo(sandbox, body)
      const late = await postTo(sandbox, look, '/users/export/ids')
      expect(await late.json()).toMatchObject({ users: [{ custom_attributes: { plan: 'gold' } }] })
    })
  })
})

test('over HTTP the other endpoints share the users of the first, and not its limit', async () => {
  await withSandbox({ limit: 1, window: 'rolling' }, async sandbox => {
    await postTo(sandbox, one('attributes', { external_id: 'a', plan: 'gold' }))
    const tracked = await postTo(sandbox, { attributes: [{ external_id: 'a', n: 1 }] }, '/users/track')
    expect(tracked.status).toBe(201)
    expect(tracked.headers.get('x-ratelimit-limit')).toBeNull()
    const look = { external_ids: ['a'], fields_to_export: ['custom_attributes'] }
    const exported = await postTo(sandbox, look, '/users/export/ids')
    expect(exported.headers.get('x-ratelimit-limit')).toBe('250')
    expect(await exported.json()).toMatchObject({ users: [{ custom_attributes: { plan: 'gold', n: 1 } }] })
    expect((await postTo(sandbox, one('events', event))).status).toBe(429)
  })
})

test.each<[string, SandboxOptions, string[], string]>([
  ['250 a minute', {}, ['email'], '250'],
  ['as many as are set', { exportLimit: 2 }, ['email'], '2'],
  ['40 a second where the fields allow it', { fastExports: true }, ['email'], '40'],
  ['250 a minute with campaigns', { fastExports: true }, ['campaigns_received'], '250'],
])('exports are limited to %s', async (_name, options, names, limit) => {
  await withSandbox({ ...options, window: 'rolling' }, async sandbox => {
    const look = { external_ids: ['a'], fields_to_export: names }
    const response = await postTo(sandbox, look, '/users/export/ids')
    expect(response.headers.get('x-ratelimit-limit')).toBe(limit)
    if (limit !== '2') return
    await postTo(sandbox, look, '/users/export/ids')
    expect((await postTo(sandbox, look, '/users/export/ids')).status).toBe(429)
  })
})

test('a fault affects the endpoint that it names, and counts its calls alone', async () => {
  const faults = [
    { kind: 'refuse', status: 503, on: 'export', calls: [2] },
    { kind: 'refuse', status: 500, on: 'track' },
  ] as const
  await withSandbox({ faults }, async sandbox => {
    const look = { external_ids: ['a'], fields_to_export: ['email'] }
    const statuses = []
    for (const path of ['/users/export/ids', '/users/track/sync', '/users/export/ids', '/users/track']) {
      const body = path.endsWith('ids') ? look : one('attributes', { external_id: 'a', n: 1 })
      statuses.push((await postTo(sandbox, body, path)).status)
    }
    expect(statuses).toEqual([201, 201, 503, 500])
  })
})
