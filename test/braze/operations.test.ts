import { expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { operationOf } from '../../src/braze/operations.ts'

test.each<[Json, ReturnType<typeof operationOf>]>([
  [{ inc: -3 }, { inc: -3 }],
  [{ add: ['a'] }, { add: ['a'], remove: null }],
  [{ remove: [] }, { add: null, remove: [] }],
  [
    { remove: [1], add: [2] },
    { add: [2], remove: [1] },
  ],
])('%j is an operation', (value, operation) => {
  expect(operationOf(value)).toEqual(operation)
})

test.each<[Json]>([
  [{}],
  [{ inc: '3' }],
  [{ inc: 3, by: 1 }],
  [{ inc: 3, add: ['a'] }],
  [{ add: 'a' }],
  [{ add: ['a'], remove: 'b' }],
  [{ add: ['a'], x: 1 }],
  [['inc', 3]],
  ['inc'],
  [3],
  [null],
])('%j is a value', value => {
  expect(operationOf(value)).toBeUndefined()
})
