import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { brokenLimit } from '../../src/braze/broken-limits.ts'
import { defaultReadings } from '../../src/braze/assumptions.ts'

const broken = (value: Json, name = 'plan', readings = {}) =>
  brokenLimit(name, value, { ...defaultReadings, ...readings })
const list = (length: number) => Array.from({ length }, (_, i) => i)

describe('the limit a requested value breaks', () => {
  test.each<[string, Json, string | undefined]>([
    ['255 characters are kept', 'x'.repeat(255), undefined],
    ['256 are not', 'x'.repeat(256), 'string_too_long'],
    ['500 elements are kept', list(500), undefined],
    ['501 are not', list(501), 'array_over_limit'],
    ['adding 501 is no better', { add: list(501) }, 'array_over_limit'],
    ['removing any number is fine', { remove: list(900) }, undefined],
    ['a list over 100 KB', list(300).map(i => `${i}`.padEnd(400)), 'array_too_large'],
    ['a list of objects has no number limit', list(600).map(id => ({ id })), undefined],
    [
      'an object over 100 KB',
      Object.fromEntries(list(900).map(i => [`k${i}`, 'x'.repeat(200)])),
      'object_too_large',
    ],
    ['a null inside', { a: { b: null } }, 'nested_invalid_dropped'],
    ['a time that is none', { at: { $time: 'soon' } }, 'nested_invalid_dropped'],
    ['a time that is one', { at: { $time: '2024-01-01T00:00:00Z' } }, undefined],
    ['a year out of range inside', { at: { $time: '3500-01-01' } }, 'nested_year_dropped'],
    ['a key with a point inside', { 'a.b': 1 }, 'key_not_allowed'],
    ['a key with a space inside', { a: [{ 'b c': 1 }] }, 'key_not_allowed'],
    ['long text inside', { a: 'x'.repeat(256) }, 'string_too_long'],
    ['an increment', { inc: 3 }, undefined],
    ['an item to add that holds a null', { $add: [{ id: 1, gone: null }] }, 'nested_invalid_dropped'],
    ['a null at the top removes', null, undefined],
  ])('%s', (_, value, expected) => expect(broken(value)).toBe(expected))

  test('a name over 255 characters', () => {
    expect(broken(1, 'n'.repeat(255))).toBeUndefined()
    expect(broken(1, 'n'.repeat(256))).toBe('key_not_allowed')
  })

  test('readings move the limits', () => {
    expect(broken(list(26), 'plan', { arrayMax: 25 })).toBe('array_over_limit')
    const emoji = '👍'.repeat(200)
    expect(broken(emoji)).toBeUndefined()
    expect(broken(emoji, 'plan', { lengthUnit: 'utf16' })).toBe('string_too_long')
  })
})
