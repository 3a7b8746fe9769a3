import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { wrongWith } from '../support/build.ts'

const alias = { alias_name: 'n', alias_label: 'l' }
const five = 'one of external_id, user_alias, braze_id, email, phone'
const invalid = 'identifier_invalid'

describe('a good identifier is', () => {
  test.each<[string, JsonObject]>([
    ['an id of 987 bytes', { external_id: `${'é'.repeat(493)}x` }],
    ['an alias of 236 bytes', { user_alias: { alias_name: 'é'.repeat(118), alias_label: 'l' } }],
    ['a Braze id', { braze_id: 'b' }],
    ['an email', { email: 'ada+tag@example.com' }],
    ['a phone', { phone: '+1 (555) 123-4567' }],
    ['a primary one with email and phone', { braze_id: 'b', email: 'a@b.c', phone: '+1' }],
    ['email and phone together', { email: 'a@b.c', phone: '+1' }],
    ['a primary one, and an email and a phone to remove', { external_id: 'a', email: null, phone: null }],
    ['an address that is null beside another', { email: 'a@b.c', braze_id: null }],
    ['none at all, for a push token', { push_token_import: true, push_tokens: [] }],
  ])('%s', (_, body) => {
    expect(wrongWith('attributes', body)).toEqual([])
  })
})

describe('refused, with what was expected and what came, is', () => {
  test.each<[string, JsonObject, string]>([
    ['no identifier', { x: 1 }, `identifier_missing -: ${five} → none`],
    ['one that is null', { email: null }, `identifier_missing -: ${five} → none`],
    ['no token', { push_token_import: false }, `identifier_missing -: ${five} → none`],
    ['an id and an alias', { external_id: 'a', user_alias: alias }, two('external_id, user_alias')],
    ['an id and a Braze id', { external_id: 'a', braze_id: 'b' }, two('external_id, braze_id')],
    [
      'an alias that is to be removed',
      { external_id: 'a', user_alias: null },
      `${invalid} user_alias: a value, or left out → null`,
    ],
    [
      'an id that is to be removed',
      { email: 'a@b.c', external_id: null },
      `${invalid} external_id: a value, or left out → null`,
    ],
    [
      'a push token import without tokens and without a user',
      { push_token_import: true },
      'field_required push_tokens: `push_tokens` → nothing',
    ],
    ['an empty id', { external_id: ' ' }, `${invalid} external_id: text that is not empty → " "`],
    ['an id that is a number', { external_id: 7 }, `${invalid} external_id: text → 7`],
    [
      'an id of 988 bytes',
      { external_id: 'é'.repeat(494) },
      `${invalid} external_id: at most 987 bytes → 988 bytes`,
    ],
    ['half an alias', { user_alias: { alias_name: 'n' } }, `${invalid} user_alias.alias_label: text → null`],
    [
      'an alias as text',
      { user_alias: 'n' },
      `${invalid} user_alias: an object with alias_name and alias_label → "n"`,
    ],
    ['an email without @', { email: 'ada' }, `${invalid} email: an address such as name@example.com → "ada"`],
    [
      'an email with a space',
      { email: 'a b@c' },
      `${invalid} email: an address such as name@example.com → "a b@c"`,
    ],
    ['an empty email', { email: '' }, `${invalid} email: text that is not empty → ""`],
    [
      'a phone without a digit',
      { phone: 'home' },
      `${invalid} phone: a number such as +15551234567 → "home"`,
    ],
  ])('%s', (_, body, wrong) => {
    expect(wrongWith('attributes', body)).toEqual([wrong])
  })

  test('an alias of which one part has 237 bytes', () => {
    const user_alias = { ...alias, alias_label: `x${'é'.repeat(118)}` }
    const wrong = `${invalid} user_alias.alias_label: at most 236 bytes → 237 bytes`
    expect(wrongWith('attributes', { user_alias })).toEqual([wrong])
  })

  test('an email that is data beside a primary identifier, and no address', () => {
    const wrong = `${invalid} email: an address such as name@example.com → "ada"`
    expect(wrongWith('attributes', { external_id: 'a', email: 'ada' })).toEqual([wrong])
  })

  test('a push token in place of the user of an event', () => {
    const body = { name: 'e', time: '2022-12-06', push_token_import: true }
    expect(wrongWith('events', body)[0]).toBe(`identifier_missing -: ${five} → none`)
  })
})

function two(names: string): string {
  return `identifier_two ${names}: one → ${names}`
}
