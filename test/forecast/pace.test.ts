import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pace } from '../../src/forecast/pace.ts'

test('before the first row there is no estimate, and after the last one no end', () => {
  const pace = new Pace()
  expect(pace.estimate(5000, 10)).toEqual({ perMinute: 0, endsAt: null })
  pace.begin(5000)
  expect(pace.estimate(9000, 10)).toEqual({ perMinute: 0, endsAt: null })
  pace.ended(11_000)
  expect(pace.estimate(11_000, 0)).toEqual({ perMinute: 10, endsAt: null })
})

test('rows at a steady pace end when they will', () => {
  const gaps = fc.integer({ min: 5, max: 900 })
  fc.assert(
    fc.property(gaps, fc.integer({ min: 5, max: 400 }), fc.nat(1000), (gap, seconds, left) => {
      const pace = new Pace()
      pace.begin(0)
      let now = 0
      while (now < seconds * 1000) pace.ended((now += gap))
      const { perMinute, endsAt } = pace.estimate(now, left)
      // A row more or less in the seconds that are looked at.
      const tolerance = perMinute * (gap / Math.min(now, 60_000))
      expect(Math.abs(perMinute - 60_000 / gap)).toBeLessThanOrEqual(tolerance + 1e-6)
      if (left === 0) expect(endsAt).toBeNull()
      else expect(endsAt).toBeCloseTo(now + (left / perMinute) * 60_000, 3)
    }),
  )
})

test('what was fast long ago says nothing of the last minute', () => {
  const pace = new Pace()
  pace.begin(0)
  for (let now = 10; now <= 60_000; now += 10) pace.ended(now)
  for (let now = 61_000; now <= 180_000; now += 1000) pace.ended(now)
  expect(pace.estimate(180_000, 60).perMinute).toBeCloseTo(60, 0)
})

test('while nothing ends the pace falls and the end moves away', () => {
  const pace = new Pace()
  pace.begin(0)
  for (let now = 100; now <= 10_000; now += 100) pace.ended(now)
  expect(pace.estimate(10_000, 100)).toEqual({ perMinute: 600, endsAt: 20_000 })
  expect(pace.estimate(20_000, 100)).toEqual({ perMinute: 300, endsAt: 40_000 })
})
