import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, createsProfile, userKeyOf } from '../../src/braze/identifiers.ts'

const alias = { alias_name: 'n', alias_label: 'l' }

test.each([
  [{ external_id: 'a', email: 'a@b.c', phone: '1' }, 'external_id'],
  [{ email: 'a@b.c', user_alias: alias }, 'user_alias'],
  [{ phone: '1', braze_id: 'b' }, 'braze_id'],
  [{ phone: '1', email: 'a@b.c' }, 'email'],
  [{ external_id: null, phone: '1' }, 'phone'],
])('%j is addressed by its %s', (body, name) => {
  expect(addressOf(body)).toBe(name)
})

test('a body without an identifier has no address and an empty key', () => {
  expect(addressOf({ plan: 'gold' })).toBeUndefined()
  expect(userKeyOf({ plan: 'gold', email: null })).toBe('')
})

test('the user key says the kind of the identifier', () => {
  expect(userKeyOf({ external_id: 'a' })).toBe('{"external_id":"a"}')
  expect(userKeyOf({ braze_id: 'a' })).toBe('{"braze_id":"a"}')
})

test('the order of keys in an alias makes no other user', () => {
  expect(userKeyOf({ user_alias: { alias_label: 'l', alias_name: 'n' } })).toBe(
    userKeyOf({ user_alias: alias }),
  )
})

test('no two kinds and no two alias pairs share a key', () => {
  const one = fc.oneof(
    fc.tuple(fc.constantFrom('external_id', 'braze_id', 'email', 'phone'), fc.string({ minLength: 1 })),
    fc.tuple(
      fc.constant('user_alias'),
      fc.record({ alias_name: fc.string({ minLength: 1 }), alias_label: fc.string({ minLength: 1 }) }),
    ),
  )
  fc.assert(
    fc.property(one, one, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b)
      const [keyA, keyB] = [a, b].map(([name, value]) => userKeyOf({ [name]: value }))
      expect(keyA === keyB).toBe(same)
    }),
  )
})

test.each([
  [{ external_id: 'a' }, true],
  [{ external_id: 'a', _update_existing_only: false }, true],
  [{ external_id: 'a', _update_existing_only: true }, false],
  [{ email: 'a@b.c' }, true],
  [{ email: 'a@b.c', _update_existing_only: true }, false],
  [{ phone: '1' }, true],
  [{ user_alias: alias }, false],
  [{ user_alias: alias, _update_existing_only: true }, false],
  [{ user_alias: alias, _update_existing_only: false }, true],
  [{ braze_id: 'b' }, false],
  [{ braze_id: 'b', _update_existing_only: false }, false],
  [{ plan: 'gold' }, false],
])('%j creates a profile where none matches: %s', (body, creates) => {
  expect(createsProfile(body)).toBe(creates)
})
