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

describe('what waits for a lookup', () => {
  const sent = progressOf({
    total: 120,
    ended: 120,
    left: 0,
    verified: 90,
    unverifiable: 30,
    perMinute: 3.2,
    waitingForLookup: 12,
    settledBy: now + 5 * 60_000,
  })

  test('is told while rows are sent, and alone once all are sent', () => {
    expect(progressLine({ ...some, waitingForLookup: 1200 }, now)).toMatch(
      /61 failed; 1,200 to be looked up; 2 h 55 min left$/,
    )
    expect(progressLine(sent, now)).toBe(
      '120 of 120 rows; 90 verified, 30 not shown, 0 differ, 0 failed; 12 to be looked up, at most 5 min',
    )
    expect(progressLine({ ...sent, settledBy: null }, now)).toMatch(/failed; 12 to be looked up$/)
    expect(progressLine({ ...sent, settledBy: now - 1 }, now)).toMatch(/looked up, at most 1 s$/)
    const resting = { ...sent, pausedUntil: now + 20_000 }
    expect(progressLine(resting, now)).toMatch(/12 to be looked up, at most 5 min$/)
  })

  test.each([40, 50, 60, 80, 100, 160])(
    'is on a bar of %i columns, whatever has no room beside it',
    columns => {
      for (const total of [120, 50_000]) {
        const bar = progressBar({ ...sent, total, ended: total, waitingForLookup: total }, now, columns)
        expect(stringWidth(bar)).toBeLessThanOrEqual(Math.max(columns, 50))
        if (columns >= 80)
          expect(bar).toContain(`${total.toLocaleString('en-US')} to be looked up, at most 5 min`)
        expect(bar).not.toContain('/min')
      }
    },
  )

  test('does not change the length of the bar as it becomes less', () => {
    const lengths = [120, 99, 9, 1].map(waitingForLookup => {
      const bar = progressBar(
        { ...sent, waitingForLookup, settledBy: now + waitingForLookup * 2000 },
        now,
        80,
      )
      return /[█░]+/.exec(bar)?.[0].length
    })
    expect(new Set(lengths).size).toBe(1)
  })

  test('is nothing that an audit says: it looks up all of its rows', () => {
    const compared = progressOf({ ...some, mode: 'audit', waitingForLookup: 5000 })
    expect(progressLine(compared, now)).toBe(progressLine(some, now))
    expect(progressLine({ ...compared, left: 0 }, now)).toBe(progressLine(some, now))
    expect(progressBar(compared, now, 120)).toBe(progressBar(some, now, 120))
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
