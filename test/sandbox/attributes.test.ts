import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model/json.ts'
import type { Readings } from '../../src/braze/assumptions.ts'
import { after, attributesAfter } from './tools.ts'

const long = 'x'.repeat(256)
const reading = (readings: Partial<Readings>) => ({ readings })

describe('a list', () => {
  test('is the set with an order that the contract works out, with a maximum of four', () => {
    const rules = reading({ arrayMax: 4 })
    const steps: Json[] = [
      ['pizza', 'wings', 'pasta'],
      { add: ['fries'] },
      { add: ['pizza'] },
      { add: ['ice cream'] },
    ]
    const held = steps.map((_, i) => after(steps.slice(0, i + 1), rules))
    expect(held).toEqual([
      ['pizza', 'wings', 'pasta'],
      ['pizza', 'wings', 'pasta', 'fries'],
      ['wings', 'pasta', 'fries', 'pizza'],
      ['pasta', 'fries', 'pizza', 'ice cream'],
    ])
  })

  test.each<[Readings['arrayOverflow'], Json]>([
    ['keep_last', [3, 4, 5]],
    ['keep_first', [1, 2, 3]],
    ['reject', ['old']],
  ])('that is set too long is taken by %s', (arrayOverflow, held) => {
    expect(after([['old'], [1, 2, 3, 4, 5]], reading({ arrayMax: 3, arrayOverflow }))).toEqual(held)
  })

  test.each(['keep_last', 'keep_first', 'reject'] as const)(
    'that grows too long loses its oldest, also with %s',
    arrayOverflow => {
      const held = after([[1, 2, 3], { add: [4] }], reading({ arrayMax: 3, arrayOverflow }))
      expect(held).toEqual([2, 3, 4])
    },
  )

  test('of more than 100 KB is dropped, set or grown', () => {
    const words = (from: number) => Array.from({ length: 300 }, (_, i) => `${from + i}`.padEnd(250, '.'))
    expect(after([['old'], [...words(0), ...words(300)]])).toEqual(['old'])
    expect(after([words(0), { add: words(300) }])).toEqual(words(0))
  })

  test('that is not there is made by adding', () => {
    expect(after([{ add: ['a', 'a', 'b'] }])).toEqual(['a', 'b'])
  })
})

describe('text', () => {
  test.each<[string, Partial<Readings>, Json]>([
    ['of 256 characters is cut where the reading says so', { longString: 'truncate' }, 'x'.repeat(255)],
    ['of 256 characters leaves the old one otherwise', {}, 'old'],
  ])('%s', (_, readings, held) => {
    expect(after(['old', long], { readings })).toBe(held)
  })

  test('is counted, and cut, in code points or in units', () => {
    const foxes = '🦊'.repeat(200)
    expect(after(['old', foxes])).toBe(foxes)
    expect(after(['old', foxes], reading({ lengthUnit: 'utf16' }))).toBe('old')
    const cut = after([foxes], reading({ lengthUnit: 'utf16', longString: 'truncate' }))
    expect(cut).toBe('🦊'.repeat(127))
    expect(after(['🦊'.repeat(300)], reading({ longString: 'truncate' }))).toBe('🦊'.repeat(255))
  })

  test('inside an object drops the object', () => {
    expect(after([{ x: 1 }, { x: long }])).toEqual({ x: 1 })
    expect(after([{ x: 1 }, { x: long }], reading({ longString: 'truncate' }))).toEqual({ x: 1 })
  })
})

test('an element of a list has no limit of its own', () => {
  expect(after([[long]])).toEqual([long])
  expect(after([[long]], reading({ longString: 'truncate' }))).toEqual([long])
})

describe('an object', () => {
  test.each<[string, JsonObject]>([
    ['a null inside', { y: null }],
    ['a wrong time inside', { y: { $time: 'noon' } }],
    ['a time that is no text', { y: { $time: 5 } }],
    ['a time after the year 3000', { y: { $time: '3001-01-01' } }],
    ['a null in an object of a list', { y: [{ z: null }] }],
    ['a key with a point', { 'y.z': 1 }],
    ['a key with a dollar sign', { $y: 1 }],
    ['a key with a space', { 'y z': 1 }],
    ['an empty key', { '': 1 }],
    ['a key of 256 characters', { [long]: 1 }],
    [
      'more than 100 KB',
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 'x'.repeat(250)])),
    ],
  ])('with %s is dropped, and the old one stays', (_, object) => {
    expect(after([{ x: 1 }, object])).toEqual({ x: 1 })
  })

  test('keeps its times in UTC, at any depth', () => {
    const object = {
      at: { $time: '2022-12-06T19:20:45+01:00' },
      list: [{ on: { $time: '2022-12-06' } }],
      text: '2022-12-06',
    }
    expect(after([object])).toEqual({
      at: { $time: '2022-12-06T18:20:45.000Z' },
      list: [{ on: { $time: '2022-12-06T00:00:00.000Z' } }],
      text: '2022-12-06',
    })
  })

  const mixed = {
    good: { x: 2 },
    list: [{ id: 2 }],
    items: { $add: { id: 2 } },
    bad: { x: null },
    n: { inc: 1 },
    t: 'b',
  }
  const old = { good: { x: 1 }, list: [{ id: 1 }], items: [{ id: 1 }], bad: { x: 1 }, n: 1, t: 'a' }

  test('that is invalid takes every nested value of its request with it', () => {
    expect(attributesAfter([old, mixed])).toEqual({ ...old, n: 2, t: 'b' })
  })

  test('that is invalid is dropped alone where the reading says so', () => {
    expect(attributesAfter([old, mixed], reading({ nestedInvalid: 'attribute_only' }))).toEqual({
      good: { x: 2 },
      list: [{ id: 2 }],
      items: [{ id: 1 }, { id: 2 }],
      bad: { x: 1 },
      n: 2,
      t: 'b',
    })
  })

  test('is merged deep where the request says so, lists and times whole', () => {
    const first = { a: { x: { y: 1, l: [1] }, t: { $time: '2020-01-01' } } }
    const second = { a: { x: { z: 2, l: [2] }, t: { $time: '2021-01-01' } }, _merge_objects: true }
    expect(attributesAfter([first, second])?.['a']).toEqual({
      x: { y: 1, z: 2, l: [2] },
      t: { $time: '2021-01-01T00:00:00.000Z' },
    })
  })

  test('that would grow over 100 KB by merging stays as it was', () => {
    const half = (key: string) =>
      Object.fromEntries(Array.from({ length: 240 }, (_, i) => [`${key}${i}`, 'x'.repeat(250)]))
    const held = attributesAfter([{ a: half('x') }, { a: half('y'), _merge_objects: true }])
    expect(held?.['a']).toEqual(half('x'))
  })
})

describe('a list of objects', () => {
  const cars = [
    { id: 1, name: 'one', size: { w: 1 } },
    { id: 2, name: 'two' },
  ]
  const by = (id: number, more: JsonObject = {}) => ({
    $identifier_key: 'id',
    $identifier_value: id,
    ...more,
  })

  test.each<[string, JsonObject, Json]>([
    ['$add puts items at the end', { $add: [{ id: 3 }] }, [...cars, { id: 3 }]],
    ['$add takes one item alone', { $add: { id: 3 } }, [...cars, { id: 3 }]],
    ['$add takes equal items twice', { $add: [{ id: 2, name: 'two' }] }, [...cars, cars[1] ?? null]],
    ['$remove takes an item out', { $remove: [by(1)] }, cars.slice(1)],
    [
      '$update replaces keys whole',
      { $update: [by(1, { $new_object: { size: { h: 2 } } })] },
      [{ id: 1, name: 'one', size: { h: 2 } }, cars[1] ?? null],
    ],
    ['$update of nobody changes nothing', { $update: [by(9, { $new_object: { name: 'x' } })] }, cars],
  ])('%s', (_, change, held) => {
    expect(after([cars, change])).toEqual(held)
  })

  test('$remove takes every match', () => {
    expect(after([[{ id: 1 }, { id: 2 }, { id: 1, b: 1 }], { $remove: by(1) }])).toEqual([{ id: 2 }])
  })

  test('without items to add leaves what is no list', () => {
    expect(after(['text', { $remove: [by(1)] }])).toBe('text')
    expect(after([{ $update: [by(1, { $new_object: { x: 1 } })] }])).toBeUndefined()
  })

  test('$update merges deep where the request says so', () => {
    const change = { $update: [by(1, { $new_object: { size: { h: 2 } } })] }
    const held = attributesAfter([{ a: cars }, { a: change, _merge_objects: true }])
    expect(held?.['a']).toEqual([{ id: 1, name: 'one', size: { w: 1, h: 2 } }, cars[1]])
  })

  test('is added to, then removed from, then updated, in whatever order that is written', () => {
    const change = {
      $update: [by(3, { $new_object: { name: 'late' } })],
      $remove: [by(2)],
      $add: [
        { id: 2, name: 'again' },
        { id: 3, name: 'early' },
      ],
    }
    expect(after([cars, change])).toEqual([cars[0], { id: 3, name: 'late' }])
  })

  test('that would grow over 100 KB stays as it was', () => {
    const items = (from: number) =>
      Array.from({ length: 240 }, (_, i) => ({ id: from + i, t: 'x'.repeat(250) }))
    expect(after([items(0), { $add: items(500) }])).toEqual(items(0))
  })

  test('may have any number of items', () => {
    const items = Array.from({ length: 600 }, (_, id) => ({ id }))
    expect(after([items])).toEqual(items)
  })
})

describe('a time in the future', () => {
  test('stays, or becomes now where the reading says so', () => {
    const clamp = reading({ futureAttributes: 'clamp' })
    expect(after(['2999-01-01'])).toBe('2999-01-01T00:00:00.000Z')
    expect(after(['2999-01-01'], clamp)).toBe('2024-05-06T07:08:09.000Z')
    expect(after([{ t: { $time: '2999-01-01' } }], clamp)).toEqual({
      t: { $time: '2999-01-01T00:00:00.000Z' },
    })
    expect(after(['2020-01-01'], clamp)).toBe('2020-01-01T00:00:00.000Z')
  })
})

test('a name of 256 characters is dropped, and the others of its request are not', () => {
  expect(attributesAfter([{ [long]: 1, b: 2 }])).toEqual({ b: 2 })
})
