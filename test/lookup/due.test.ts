import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueQueue, lookDelays, nextLookAt } from '../../src/lookup/due.ts'

test('a queue gives what a sorted list gives, whatever is added, moved, removed and taken', () => {
  const item = fc.integer({ min: 0, max: 30 })
  const at = fc.integer({ min: 0, max: 99 })
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), item, at }),
    fc.record({ do: fc.constant('add' as const), item, at }),
    fc.record({ do: fc.constant('remove' as const), item }),
    fc.record({ do: fc.constant('take' as const), at }),
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), steps => {
      const queue = new DueQueue<number>()
      let model: { item: number; at: number }[] = []
      for (const one of steps) {
        if (one.do === 'add') {
          queue.add(one.item, one.at)
          model = [...model.filter(other => other.item !== one.item), { item: one.item, at: one.at }]
        } else if (one.do === 'remove') {
          expect(queue.remove(one.item)).toBe(model.some(other => other.item === one.item))
          model = model.filter(other => other.item !== one.item)
        } else {
          const due = model.filter(other => other.at <= one.at).toSorted((a, b) => a.at - b.at)
          expect(queue.takeDue(one.at)).toEqual(due.map(other => other.item))
          model = model.filter(other => other.at > one.at)
        }
        expect(queue.size).toBe(model.length)
        expect(queue.nextAt).toBe(model.length === 0 ? null : Math.min(...model.map(other => other.at)))
      }
    }),
    { numRuns: 300 },
  )
})

test('fifty thousand items come out in order', () => {
  const queue = new DueQueue<number>()
  for (let i = 0; i < 50_000; i++) queue.add(i, (i * 7919) % 50_021)
  const due = queue.takeDue(Number.POSITIVE_INFINITY).map(i => (i * 7919) % 50_021)
  expect(due).toHaveLength(50_000)
  expect(due.every((at, i) => i === 0 || (due[i - 1] ?? 0) <= at)).toBe(true)
})

test.each([
  ['five minutes', 300_000, [2000, 10_000, 30_000, 120_000, 300_000]],
  ['a minute', 60_000, [2000, 10_000, 30_000, 60_000]],
  ['one second', 1000, [1000]],
  ['no time', 0, []],
  ['an hour', 3_600_000, [...lookDelays, 600_000, 1_200_000, 2_400_000, 3_600_000]],
])(
  'who settles within %s is looked at in growing intervals, and for the last time then',
  (_name, ms, all) => {
    const since = Date.parse('2024-05-06T07:08:09.000Z')
    const times: number[] = []
    for (let now = since; ; ) {
      const next = nextLookAt(since, now, ms)
      if (next === null) break
      times.push(next - since)
      now = next
    }
    expect(times).toEqual(all)
  },
)

test('the next look lies ahead, and never beyond the settle time', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(4_000_000), fc.nat(3_600_000), (since, passed, settleMs) => {
      const next = nextLookAt(since, since + passed, settleMs)
      if (passed >= settleMs) {
        expect(next).toBeNull()
        return
      }
      expect(next).toBeGreaterThan(since + passed)
      expect(next).toBeLessThanOrEqual(since + settleMs)
    }),
  )
})
