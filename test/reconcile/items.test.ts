import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { attribute } from './scenes.ts'

/** Names the item whose `id` is this. */
const by = (id: Json) => ({ $identifier_key: 'id', $identifier_value: id })
const merge = { steering: { _merge_objects: true } }

test.each<[ReasonCode, string, Json, Json]>([
  ['array_added', 'items that are there', { $add: [{ id: 2 }] }, [{ id: 1 }, { id: 2 }]],
  ['array_added', 'a single item without its list', { $add: { id: 2 } }, [{ id: 2 }]],
  ['array_added', 'an item that holds more than was added', { $add: [{ id: 2 }] }, [{ id: 2, x: 1 }]],
  [
    'array_added',
    'a moment in UTC',
    { $add: [{ at: { $time: '2022-12-06' } }] },
    [{ at: '2022-12-06T00:00:00.000Z' }],
  ],
  ['array_added', 'no items at all', { $add: [] }, []],
  ['unexplained', 'items of which one is missing', { $add: [{ id: 1 }, { id: 2 }] }, [{ id: 1 }]],
  ['unexplained', 'an item with another value', { $add: [{ id: 2, x: 1 }] }, [{ id: 2, x: 2 }]],
  ['unexplained', 'a value that is no list', { $add: [{ id: 2 }] }, { id: 2 }],
  ['array_removed', 'an item that is gone', { $remove: [by(1)] }, [{ id: 2 }]],
  ['array_removed', 'an item of which only the text is alike', { $remove: [by(1)] }, [{ id: '1' }]],
  ['unexplained', 'an item that is still there', { $remove: [by(1)] }, [{ id: 1 }]],
  ['unexplained', 'the second of two that match', { $remove: [by(1)] }, [{ id: 2 }, { id: 1 }]],
  [
    'object_merged',
    'an item that holds the new values',
    { $update: [{ ...by(1), $new_object: { x: 2 } }] },
    [{ id: 1, x: 2, y: 3 }],
  ],
  [
    'item_not_found',
    'an update that names no item',
    { $update: [{ ...by(9), $new_object: { x: 2 } }] },
    [{ id: 1 }],
  ],
  [
    'unexplained',
    'an item that kept its old value',
    { $update: [{ ...by(1), $new_object: { x: 2 } }] },
    [{ id: 1, x: 1 }],
  ],
  [
    'unexplained',
    'the second of two that are named',
    { $update: [{ ...by(1), $new_object: { x: 2 } }] },
    [{ id: 1, x: 2 }, { id: 1 }],
  ],
])('%s: %s', (code, _, requested, returned) => {
  expect(attribute(requested, returned)).toBe(code)
})

describe('a deep update', () => {
  const requested = { $update: [{ ...by(1), $new_object: { x: { y: 1 } } }] }

  test('is a part of the item where objects are merged, and all of it where they are not', () => {
    expect(attribute(requested, [{ id: 1, x: { y: 1, z: 2 } }], merge)).toBe('object_merged')
    expect(attribute(requested, [{ id: 1, x: { y: 1, z: 2 } }])).toBe('unexplained')
    expect(attribute(requested, [{ id: 1, x: { y: 1 } }])).toBe('object_merged')
  })

  test('is not there where one value is not', () => {
    expect(attribute(requested, [{ id: 1, x: { y: 2 } }], merge)).toBe('unexplained')
    expect(attribute(requested, [{ id: 1 }], merge)).toBe('unexplained')
  })

  test('of one key twice leaves the last', () => {
    const two = { $update: [1, 2].map(x => ({ ...by(1), $new_object: { x } })) }
    expect(attribute(two, [{ id: 1, x: 2 }])).toBe('object_merged')
    expect(attribute(two, [{ id: 1, x: 1 }])).toBe('unexplained')
  })
})

describe('several changes in one', () => {
  const all = {
    $add: [{ id: 3, x: 1 }],
    $remove: [by(1)],
    $update: [{ ...by(2), $new_object: { x: 5 } }],
  }

  test.each<[string, Json, ReasonCode]>([
    [
      'all hold',
      [
        { id: 2, x: 5 },
        { id: 3, x: 1 },
      ],
      'array_added',
    ],
    ['the removed is there', [{ id: 1 }, { id: 2, x: 5 }, { id: 3, x: 1 }], 'unexplained'],
    ['the added is not there', [{ id: 2, x: 5 }], 'unexplained'],
    [
      'the update is not there',
      [
        { id: 2, x: 4 },
        { id: 3, x: 1 },
      ],
      'unexplained',
    ],
  ])('where %s', (_, returned, code) => {
    expect(attribute(all, returned)).toBe(code)
  })

  test('are named by the first of add, remove and update', () => {
    const { $remove, $update } = all
    expect(attribute({ $remove, $update }, [{ id: 2, x: 5 }])).toBe('array_removed')
  })

  test('apply in their order: what was added is updated too', () => {
    const requested = { $add: [{ id: 1, x: 1 }], $update: [{ ...by(1), $new_object: { x: 2 } }] }
    expect(attribute(requested, [{ id: 1, x: 2 }])).toBe('array_added')
    expect(attribute(requested, [{ id: 1, x: 1 }])).toBe('unexplained')
  })

  test('say nothing of an item that is added and removed', () => {
    const requested = { $add: [{ id: 1 }], $remove: [by(1)] }
    for (const returned of [[], [{ id: 1 }]]) expect(attribute(requested, returned)).toBe('array_added')
  })
})

test('more than 100 KB of items is too large; a limit that was not broken is not blamed', () => {
  const items = (count: number) => ({
    $add: Array.from({ length: count }, (_, id) => ({ id, text: 'x'.repeat(200) })),
  })
  expect(attribute(items(500), [{ id: 'old' }])).toBe('array_too_large')
  expect(attribute(items(500))).toBe('array_too_large')
  expect(attribute(items(400), [{ id: 'old' }])).toBe('unexplained')
})

test('a list of objects compares its items in any writing', () => {
  const held = [{ at: '2022-12-06T18:00:00.000Z', id: 1 }]
  expect(attribute([{ id: 1, at: { $time: '2022-12-06T19:00:00+01:00' } }], held)).toBe('date_same_instant')
  expect(attribute([{ id: 1, at: { $time: '2022-12-06T19:00:01+01:00' } }], held)).toBe('unexplained')
})
