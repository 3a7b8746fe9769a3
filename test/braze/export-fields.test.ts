import { describe, expect, test } from 'vitest'
import { exportFields, exportFieldsFor } from '../../src/braze/export-fields.ts'
import { fields } from '../../src/braze/fields.ts'
import type { JsonObject } from '../../src/model/json.ts'

const user = { external_id: 'u1' }
const attributes = (body: JsonObject) => exportFieldsFor('attributes', { ...user, ...body })

describe('the export fields that show what an object asks for', () => {
  test('standard fields have their own, or one of another name', () => {
    expect(attributes({ first_name: 'Ada', email: 'a@b.c', dob: null })).toEqual([
      'first_name',
      'email',
      'dob',
    ])
    expect(attributes({ current_location: { longitude: 1, latitude: 2 } })).toEqual(['last_coordinates'])
    expect(attributes({ push_tokens: [] })).toEqual(['push_tokens'])
  })

  test('all custom attributes are in one, even those that are called like an export field', () => {
    expect(
      attributes({ plan: 'gold', 数: 1, __proto__: 2, devices: 3, created_at: 4, purchases: 5 }),
    ).toEqual(['custom_attributes'])
    expect(attributes(JSON.parse('{"__proto__": 1}') as JsonObject)).toEqual(['custom_attributes'])
  })

  test('events and purchases have one each', () => {
    expect(exportFieldsFor('events', { ...user, name: 'e', time: 't' })).toEqual(['custom_events'])
    expect(exportFieldsFor('purchases', { ...user, product_id: 'p' })).toEqual(['purchases'])
  })

  test('the identifier that addresses the user is not asked for, and another one is', () => {
    expect(exportFieldsFor('attributes', { email: 'a@b.c', phone: '+1' })).toEqual(['phone'])
    expect(attributes({ email: 'a@b.c' })).toEqual(['email'])
    expect(attributes({ user_alias: { alias_name: 'n', alias_label: 'l' } })).toEqual(['user_aliases'])
  })

  test('what no export shows is not asked for, nor is what is never stored', () => {
    const hidden = [
      'subscription_groups',
      'email_open_tracking_disabled',
      'email_click_tracking_disabled',
      'date_of_first_session',
      'date_of_last_session',
      'marked_email_as_spam_at',
      'facebook',
      'twitter',
      'image_url',
    ]
    const control = ['_update_existing_only', '_merge_objects', 'push_token_import']
    const silent = Object.keys(fields.attributes).filter(name => attributes({ [name]: true }).length === 0)
    expect(silent.toSorted()).toEqual([...hidden, ...control].toSorted())
  })

  test('only fields are asked for that an export has', () => {
    const asked = Object.keys(fields.attributes).flatMap(name => attributes({ [name]: true }))
    expect(asked.filter(name => exportFields[name] === undefined)).toEqual([])
  })
})
