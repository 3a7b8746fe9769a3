import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Exit, exits, winningExit } from '../../src/model/exit.ts'

const names = Object.keys(exits) as Exit[]

test('the codes stand in the order in which they win', () => {
  expect(names.map(name => exits[name].code)).toEqual([130, 143, 70, 5, 6, 2, 3, 4, 1, 0])
})

test('of several that apply the first in that order wins, and none means all is well', () => {
  expect(winningExit(new Set())).toBe('ok')
  fc.assert(
    fc.property(fc.subarray(names, { minLength: 1 }), fc.nat(), (applying, turn) => {
      const shuffled = [
        ...applying.slice(turn % applying.length),
        ...applying.slice(0, turn % applying.length),
      ]
      const first = names.find(name => applying.includes(name))
      expect(winningExit(new Set(shuffled))).toBe(first)
    }),
  )
})
