import { describe, expect, test } from 'vitest'
import { dataPoints, valuesOf } from '../../src/braze/values.ts'

describe('the values of a body', () => {
  test('are its attributes in their own order, without what addresses and what steers', () => {
    const body = { zip: '1', external_id: 'a', _merge_objects: true, _update_existing_only: false, age: 3 }
    expect(valuesOf('attributes', body)).toEqual([
      { field: 'zip', requested: '1' },
      { field: 'age', requested: 3 },
    ])
  })

  test('hold an email that does not address the user, and leave out one that does', () => {
    const email = 'a@b.c'
    expect(valuesOf('attributes', { external_id: 'a', email })).toEqual([
      { field: 'email', requested: email },
    ])
    expect(valuesOf('attributes', { email, plan: 'x' })).toEqual([{ field: 'plan', requested: 'x' }])
    expect(valuesOf('attributes', { email, phone: '1' })).toEqual([{ field: 'phone', requested: '1' }])
  })

  test('of an event are its fields and each of its first properties', () => {
    const body = { external_id: 'a', name: 'n', time: 't', properties: { size: 1, in: { deep: 2 } } }
    expect(valuesOf('events', body)).toEqual([
      { field: 'name', requested: 'n' },
      { field: 'time', requested: 't' },
      { field: 'properties.size', requested: 1 },
      { field: 'properties.in', requested: { deep: 2 } },
    ])
  })

  test('hold a null as a value like any other', () => {
    expect(valuesOf('attributes', { external_id: 'a', gone: null })).toEqual([
      { field: 'gone', requested: null },
    ])
  })

  test('hold an attribute called like a method or a prototype', () => {
    const body = JSON.parse('{"external_id":"a","__proto__":1,"constructor":2}')
    expect(valuesOf('attributes', body).map(value => value.field)).toEqual(['__proto__', 'constructor'])
  })
})

describe('data points', () => {
  test.each([
    ['one for a value', { a: 1 }, 1],
    ['one for a whole list', { a: [1, 2, 3] }, 1],
    ['one for each added element', { a: { add: [1, 2, 3] } }, 3],
    ['one for each element added or removed', { a: { add: [1], remove: [2, 3] } }, 3],
    ['one for each key of an object', { a: { x: 1, y: 2 } }, 2],
    ['one for an empty object', { a: {} }, 1],
    ['one for an increment', { a: { inc: 5 } }, 1],
    ['one for a removal', { a: null }, 1],
    ['one for an email and a phone', { email: 'a@b.c', phone: '1' }, 2],
    ['none for subscription states', { email_subscribe: 'opted_in', subscription_groups: [] }, 0],
    ['none for the identifier', {}, 0],
  ])('%s', (_, fields, points) => {
    expect(dataPoints('attributes', { external_id: 'u', ...fields })).toBe(points)
  })

  test('an event or a purchase is one, whatever it carries', () => {
    expect(dataPoints('events', { external_id: 'u', name: 'n', properties: { a: 1, b: 2 } })).toBe(1)
    expect(dataPoints('purchases', { external_id: 'u', product_id: 'p', quantity: 9 })).toBe(1)
  })
})
