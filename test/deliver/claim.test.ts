import { expect, test } from 'vitest'
import { claimOf } from '../../src/deliver/claim.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { trackObject } from '../support/build.ts'

const told = (body: JsonObject, order: 'user' | 'value' = 'user', kind: Kind = 'attributes') =>
  claimOf(trackObject(kind, body, { seq: 7 }), order)

test('every identifier an object names counts, whichever addresses it', () => {
  const { who } = told({ external_id: 'u', email: 'Ana@X.org ', phone: '+34 600-00' })
  const byEmail = told({ email: 'ana@x.org' }).who
  const byPhone = told({ phone: '3460000' }).who
  expect(who).toHaveLength(3)
  expect(who).toEqual(expect.arrayContaining([...byEmail, ...byPhone]))
})

test('no two kinds of identifier, and no two aliases, are taken for one', () => {
  const keys = [
    { external_id: 'a@x.org' },
    { braze_id: 'a@x.org' },
    { email: 'a@x.org' },
    { user_alias: { alias_name: 'a', alias_label: 'b' } },
    { user_alias: { alias_name: 'b', alias_label: 'a' } },
  ].flatMap(body => told(body).who)
  expect(new Set(keys).size).toBe(5)
})

test('an object that names nobody is about nobody else', () => {
  expect(told({ push_token_import: true }).who).toEqual(['nobody 7'])
})

test('in the order of users, everything is written', () => {
  expect(told({ external_id: 'u', plan: 1 }).what).toEqual([])
})

test('in the order of values, an attribute, an event or a product is', () => {
  const body = { external_id: 'u', plan: 1, age: 2, _merge_objects: true }
  expect(told(body, 'value').what).toEqual(['attributes plan', 'attributes age'])
  expect(told({ external_id: 'u', name: 'n', time: 't' }, 'value', 'events').what).toEqual(['events n'])
  expect(told({ external_id: 'u', product_id: 'p' }, 'value', 'purchases').what).toEqual(['purchases p'])
})

test('a row that ties identifiers together writes everything, in any order', () => {
  expect(told({ external_id: 'u', email: 'a@x.org', plan: 1 }, 'value').what).toEqual([])
})
