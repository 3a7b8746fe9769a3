import { array, assert, constant, double, integer, oneof, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { Numbers } from '../../src/reconcile/recent-numbers.ts'

const names = Array.from({ length: 40 }, (_, i) => `user ${i}\nevents n`)
const at = integer({ min: 0, max: names.length - 1 })
const step = oneof(record({ at, number: double({ noNaN: true }) }), record({ at, number: constant(null) }))

test('what is remembered is what was last set, or nothing; and what was set of late is remembered', () => {
  assert(
    property(array(step, { maxLength: 200 }), integer({ min: 2, max: 60 }), (steps, max) => {
      const numbers = new Numbers(max)
      const all = new Map<string, number>()
      const late: string[] = []
      for (const { at: place, number } of steps) {
        const name = names[place] ?? ''
        if (number === null) {
          numbers.forget(name)
          all.delete(name)
        } else {
          numbers.set(name, number)
          all.set(name, number)
          late.push(name)
        }
        expect(Object.is(numbers.get(name), number ?? undefined)).toBe(true)
      }
      const latest = [...new Set(late.toReversed())].slice(0, Math.floor(max / 2))
      for (const name of latest) expect(numbers.get(name)).toBe(all.get(name))
      for (const name of names) expect([undefined, all.get(name)]).toContain(numbers.get(name))
    }),
    { numRuns: 300 },
  )
})
