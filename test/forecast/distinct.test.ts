import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Distinct, hashOf, mixed } from '../../src/forecast/distinct.ts'

/** The most that is counted exactly, and the standard error beyond. */
const exactMax = 16_384
const standardError = 0.011

function counted(texts: Iterable<string>, seed = 0): Distinct {
  const distinct = new Distinct()
  for (const text of texts) distinct.add(mixed(hashOf(text), seed))
  return distinct
}

function* numbered(count: number, prefix: string): Generator<string> {
  for (let i = 0; i < count; i++) yield `${prefix}${i}`
}

describe('distinct texts', () => {
  test('are counted exactly, however often each comes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 50 }), texts => {
        const distinct = counted([...texts, ...texts.toReversed()])
        expect([distinct.count, distinct.isExact]).toEqual([new Set(texts).size, true])
      }),
    )
  })

  test('are exact up to the bound, and from there on an estimate that says so', () => {
    for (const prefix of ['u', 'ユーザー', 'joão@example.com ']) {
      const distinct = counted(numbered(exactMax, prefix))
      expect([distinct.count, distinct.isExact]).toEqual([exactMax, true])
      distinct.add(hashOf('one more'))
      expect(distinct.isExact).toBe(false)
      expect(Math.abs(distinct.count / exactMax - 1)).toBeLessThan(6 * standardError)
    }
  })

  test('of any number are estimated within the stated error, and again the same', () => {
    const errors: number[] = []
    const sizes = fc.integer({ min: exactMax + 1, max: 40_000 })
    fc.assert(
      fc.property(sizes, fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(), (size, prefix, seed) => {
        const distinct = counted(numbered(size, prefix), seed)
        const { count } = distinct
        for (const text of numbered(1000, prefix)) distinct.add(mixed(hashOf(text), seed))
        expect(distinct.count).toBe(count)
        const error = count / size - 1
        expect(Math.abs(error)).toBeLessThan(6 * standardError)
        errors.push(error)
      }),
      { numRuns: 20 },
    )
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    // The mean of estimates that lean to no side is off by little; nine in a million are off by more than this.
    expect(Math.abs(mean)).toBeLessThan((4.5 * standardError) / Math.sqrt(errors.length))
  })

  test('with another number are others', () => {
    const distinct = new Distinct()
    for (const seed of [-1, 0, 1, 2 ** 31])
      for (const text of numbered(1000, 'u')) distinct.add(mixed(hashOf(text), seed))
    expect(distinct.count).toBe(4000)
  })
})
