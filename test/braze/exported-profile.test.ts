import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { profileFor } from '../../src/braze/exported-profile.ts'
import { exportFieldsFor } from '../../src/braze/export-fields.ts'
import { returnedValue } from '../../src/braze/response.ts'
import { valuesOf } from '../../src/braze/values.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { respond } from '../../src/sandbox/respond.ts'
import { now, send } from '../support/build.ts'

const user = { external_id: 'u1' }
const attributes = (exported: JsonObject, body: JsonObject) =>
  profileFor(exported, 'attributes', { ...user, ...body })

describe('a profile in the form of a response', () => {
  test('has the requested fields and no others', () => {
    const exported = {
      external_id: 'u1',
      first_name: 'Ada',
      last_name: 'Byron',
      custom_attributes: { plan: 'gold', secret: 1, first_name: 2 },
    }
    expect(attributes(exported, { first_name: 'x', plan: 'y' })).toEqual({
      first_name: 'Ada',
      custom_attributes: { plan: 'gold' },
    })
    expect(attributes(exported, { last_name: 'x' })).toEqual({ last_name: 'Byron' })
  })

  test.each<[Json | undefined]>([[undefined], [null], [false], [''], [[]], [{}]])(
    'a standard field that is %j is null',
    held => {
      const exported: JsonObject = held === undefined ? {} : { first_name: held }
      expect(attributes(exported, { first_name: 'Ada' })).toEqual({ first_name: null })
    },
  )

  test('a custom attribute that is not there is null, and one that is false or empty is what it is', () => {
    const exported = { custom_attributes: { no: false, none: '', zero: 0 } }
    expect(attributes(exported, { no: 1, none: 1, zero: 1, gone: 1 })).toEqual({
      custom_attributes: { no: false, none: '', zero: 0, gone: null },
    })
    expect(attributes({}, { gone: 1 })).toEqual({ custom_attributes: { gone: null } })
  })

  test('names of the language are names like any other', () => {
    const held = JSON.parse('{"custom_attributes":{"__proto__":1,"constructor":2}}') as JsonObject
    const asked = JSON.parse('{"__proto__":0,"constructor":0,"toString":0}') as JsonObject
    expect(JSON.stringify(profileFor(held, 'attributes', asked))).toBe(
      '{"custom_attributes":{"__proto__":1,"constructor":2,"toString":null}}',
    )
  })

  test('the place has the form in which it was sent', () => {
    const current_location = { longitude: 0, latitude: 0 }
    const at = (last_coordinates: Json) => attributes({ last_coordinates }, { current_location })
    expect(at([-73.991443, 40.753824])).toEqual({
      current_location: { longitude: -73.991443, latitude: 40.753824 },
    })
    for (const none of [null, [], [1], ['1', '2'], 'here'])
      expect(at(none)).toEqual({ current_location: null })
  })

  test('the event or product of the name is there, with the name of its field', () => {
    const item = { first: 'f', last: 'l', count: 3 }
    const exported = {
      custom_events: [
        { name: 'a', ...item },
        { name: 'b', ...item },
      ],
      purchases: [{ name: 'p', ...item }],
    }
    expect(profileFor(exported, 'events', { name: 'b' })).toEqual({ custom_events: [{ name: 'b', ...item }] })
    expect(profileFor(exported, 'purchases', { product_id: 'p' })).toEqual({
      purchase_events: [{ product_id: 'p', ...item }],
    })
    expect(profileFor(exported, 'events', { name: 'p' })).toEqual({ custom_events: [] })
    expect(profileFor({}, 'purchases', { product_id: 'p' })).toEqual({ purchase_events: [] })
  })

  test('of push tokens and aliases, only those of the object are there', () => {
    const push_tokens = [
      { app: 'iOS', platform: 'ios', token: 'mine' },
      { app: 'iOS', platform: 'ios', token: 'of another device' },
    ]
    expect(attributes({ push_tokens }, { push_tokens: [{ app_id: 'a', token: 'mine' }] })).toEqual({
      push_tokens: push_tokens.slice(0, 1),
    })
    expect(attributes({ push_tokens }, { push_tokens: [{ app_id: 'a', token: 'x' }] })).toEqual({
      push_tokens: null,
    })
    const user_aliases = [
      { alias_name: '1', alias_label: 'shop' },
      { alias_name: '2', alias_label: 'crm' },
    ]
    const user_alias = { alias_name: '3', alias_label: 'crm' }
    expect(attributes({ user_aliases }, { user_alias })).toEqual({ user_alias: user_aliases[1] })
    expect(attributes({ user_aliases: [] }, { user_alias })).toEqual({ user_alias: null })
  })

  test('what no export shows is not there', () => {
    expect(attributes({ subscription_groups: [1] }, { subscription_groups: [] })).toEqual({})
  })
})

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const body = fc
  .tuple(
    fc.dictionary(text, fc.oneof(text, fc.integer()), { maxKeys: 4 }),
    fc.record({ first_name: text, home_city: text, gender: fc.constantFrom('M', 'F') }, { requiredKeys: [] }),
  )
  .map(([custom, standard]): JsonObject => ({ ...custom, ...standard, external_id: 'u1' }))

test('what is written is shown again by its own name, in any script', () => {
  fc.assert(
    fc.property(body, written => {
      const profiles = new Profiles()
      send(profiles, 'attributes', written)
      const request = { external_ids: ['u1'], fields_to_export: exportFieldsFor('attributes', written) }
      const sent = { method: 'POST', path: '/users/export/ids', headers: { authorization: 'Bearer k' } }
      const { body: shown } = respond(
        { ...sent, body: JSON.stringify(request) },
        profiles,
        now,
        null,
      ).response
      if (request.fields_to_export.length === 0) return
      const [found] = shown['users'] as JsonObject[]
      const profile = profileFor(found ?? {}, 'attributes', written)
      for (const { field, requested } of valuesOf('attributes', written))
        expect(returnedValue(profile, 'attributes', written, field), field).toEqual(requested)
    }),
  )
})
