import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import type { Progress } from '../../src/model/progress.ts'
import { barLegend, progressBar, progressLine } from '../../src/report/progress-text.ts'
import { progressOf } from '../support/progress.ts'

const now = Date.parse('2024-05-06T07:08:09.000Z')
const some = progressOf({
  ended: 12_430,
  verified: 12_000,
  mismatched: 369,
  failed: 61,
  perMinute: 498.6,
  endsAt: now + 175 * 60_000,
})

describe('a line of a log', () => {
  test('says rows, pace, how they ended so far, and how long it takes', () => {
    expect(progressLine(some, now)).toBe(
      '12,430 of 100,000 rows, 499 a minute; 12,000 verified, 369 differ, 61 failed; 2 h 55 min left',
    )
  })

  test('says what is unknown, and a pause, only where there is such', () => {
    const paused = { ...some, unknown: 3, pausedUntil: now + 20_000 }
    expect(progressLine(paused, now)).toMatch(/61 failed, 3 unknown; paused 20 s, 2 h 55 min left$/)
  })

  test('does not count what ended without being sent when the run stopped', () => {
    const outcomes = { ...some.outcomes, not_sent: 87_570 }
    expect(progressLine({ ...some, ended: 100_000, outcomes, endsAt: null }, now)).toMatch(
      /^12,430 of 100,000/,
    )
  })
})

describe('a bar', () => {
  const sizes: Partial<Progress>[] = [
    { total: 60, ended: 7, verified: 7 },
    { total: 100_000, ended: 99_999, verified: 98_000, mismatched: 1999 },
    { total: 1_000_000, ended: 654_321, verified: 600_000, mismatched: 54_000, failed: 321, unknown: 12 },
  ]
  const widths = [40, 60, 80, 100, 160]

  test.each(widths.flatMap(columns => sizes.map(size => [columns, size] as const)))(
    'fits %i columns',
    (columns, size) => {
      const bar = progressBar(progressOf({ perMinute: 500, endsAt: now + 2e6, ...size }), now, columns)
      expect(stringWidth(bar)).toBeLessThanOrEqual(columns)
      expect(bar).toContain(`${(size.ended ?? 0).toLocaleString('en-US')}/`)
    },
  )

  test('has words where there is room, signs where there is less, and is there at 80 columns', () => {
    expect(progressBar(some, now, 120)).toMatch(
      /^ [█░]+ {2}12,430\/100,000 rows {2}499\/min {2}12,000 verified {2}369 differ {2}61 failed {2}2 h 55 min left$/,
    )
    expect(progressBar(some, now, 80)).toMatch(
      /^ [█░]{8,} {2}12,430\/100,000 .*✓ 12,000 {2}≠ 369 {2}✗ 61 {2}2 h 55 min left$/,
    )
    expect(barLegend()).toBe('✓ verified  ≠ differ  ✗ failed')
  })

  test('does not change its length on the way', () => {
    const lengths = [0, 9, 99, 999, 9999, 99_999].map(ended => {
      const bar = progressBar(
        progressOf({ ended, verified: ended, perMinute: Math.min(500, ended), endsAt: now + ended * 120 }),
        now,
        80,
      )
      return /[█░]+/.exec(bar)?.[0].length
    })
    expect(new Set(lengths).size).toBe(1)
  })

  test('of a run of nothing is full, and no error', () => {
    expect(progressBar(progressOf({ total: 0 }), now, 80)).toMatch(/^ █+ {2}0\/0 rows/)
  })
})
