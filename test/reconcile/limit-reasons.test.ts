import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { attribute, long, play, tags, user } from './scenes.ts'

/** The reasons of these attributes, where the profile holds those. */
function told(attributes: JsonObject, held: JsonObject, nestedInvalid: 'all_nested' | 'attribute_only') {
  const body = { external_id: user, ...attributes }
  const reply = { users: [{ external_id: user, custom_attributes: held }] }
  return play({ body, reply, readings: { nestedInvalid } }).reasons
}

describe('a list that is too long', () => {
  test('is measured by the maximum that was asked for', () => {
    const readings = { arrayMax: 25 }
    expect(attribute(tags(26), tags(26).slice(1), { readings })).toBe('array_over_limit')
    expect(attribute(tags(26), tags(25), { readings })).toBe('array_over_limit')
    expect(attribute({ add: tags(26) }, tags(26).slice(1), { readings })).toBe('array_over_limit')
    expect(attribute(tags(25), tags(24), { readings })).toBe('unexplained')
    expect(attribute(tags(26), tags(25))).toBe('unexplained')
  })

  test('may leave the old list, but only by the reading that says so', () => {
    const readings = { arrayOverflow: 'reject' as const }
    expect(attribute(tags(501), ['old'], { readings })).toBe('array_over_limit')
    expect(attribute(tags(501), undefined, { readings })).toBe('array_over_limit')
    expect(attribute(tags(500), ['old'], { readings })).toBe('unexplained')
    expect(attribute(tags(501), ['old'])).toBe('unexplained')
  })
})

test('text is measured in the unit that was asked for', () => {
  const foxes = '🦊'.repeat(200)
  expect(attribute(foxes, 'old')).toBe('unexplained')
  expect(attribute(foxes, 'old', { readings: { lengthUnit: 'utf16' } })).toBe('string_too_long')
})

test.each<[string, Json, Json | undefined, string]>([
  ['was cut', { x: long, y: 1 }, { x: long.slice(1), y: 1 }, 'string_truncated'],
  ['was cut in a list of objects', [{ x: long }], [{ x: long.slice(1) }], 'string_truncated'],
  ['was cut in an object that was merged', { x: long }, { x: long.slice(1), y: 1 }, 'string_truncated'],
  ['was cut in an added item', { $add: [{ x: long }] }, [{ y: 1 }, { x: long.slice(1) }], 'string_truncated'],
  ['left the list without the item', { $add: [{ x: long }] }, [{ y: 1 }], 'string_too_long'],
  ['left the old object', { x: long, y: 1 }, { x: 'old', y: 1 }, 'string_too_long'],
  ['left nothing', { x: long }, undefined, 'string_too_long'],
  ['was short', { x: long.slice(1) }, { x: 'old' }, 'unexplained'],
  ['was short and is cut', { x: long.slice(1) }, { x: long.slice(2) }, 'unexplained'],
])('long text inside an object %s', (_, requested, returned, code) => {
  expect(attribute(requested, returned)).toBe(code)
})

describe('an invalid value inside an object', () => {
  test.each<[string, Json]>([
    ['a null', { x: null }],
    ['a null, deep', { x: { y: [{ z: null }] } }],
    ['a wrong time', { x: { $time: 'tomorrow' } }],
    ['a time that is null', { x: { $time: null } }],
    ['a null in an item', [{ x: null }]],
    ['a null in an added item', { $add: [{ x: null }] }],
  ])('drops the attribute: %s', (_, requested) => {
    expect(attribute(requested)).toBe('nested_invalid_dropped')
    expect(attribute(requested, [])).toBe('nested_invalid_dropped')
  })

  const attributes = {
    bad: { x: null },
    good: { y: 1 },
    items: [{ y: 1 }],
    $new: { $add: [{ y: 1 }] },
    list: [1],
    text: 'a',
  }
  const nested = ['bad', 'good', 'items', '$new']

  test('drops every nested value of the request, and no other', () => {
    const dropped = nested.map(() => 'nested_invalid_dropped')
    expect(told(attributes, { list: [1], text: 'a' }, 'all_nested')).toEqual([...dropped, 'exact', 'exact'])
    expect(told(attributes, {}, 'all_nested')).toEqual([...dropped, 'key_missing', 'key_missing'])
  })

  test('drops the attribute alone, by the other reading', () => {
    expect(told({ bad: { x: null }, good: { y: 1 } }, {}, 'attribute_only')).toEqual([
      'nested_invalid_dropped',
      'key_missing',
    ])
  })

  test('is not blamed for what is there all the same, or where no object holds one', () => {
    expect(told(attributes, { good: { y: 1 } }, 'all_nested')[1]).toBe('exact')
    expect(told({ bad: { x: 'y' }, good: { y: 1 } }, {}, 'all_nested')).toEqual([
      'key_missing',
      'key_missing',
    ])
    expect(told({ year: { x: { $time: '3001-01-01' } }, good: { y: 1 } }, {}, 'all_nested')).toEqual([
      'nested_year_dropped',
      'key_missing',
    ])
  })
})
