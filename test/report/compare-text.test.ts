import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { comparisonText } from '../../src/report/compare-text.ts'
import { Tally } from '../../src/report/tally.ts'
import { runFacts } from '../support/build.ts'

const summary = (more: Parameters<typeof runFacts>[1] = {}) => new Tally().summary(runFacts(0, more))
const none = { newlyDifferent: 0, repaired: 0, stillDifferent: 0, notCompared: 0, leftOut: 0 }

describe('the comparison', () => {
  test('fits 80 columns, however large its figures and long the name of a run', () => {
    const counts = {
      newlyDifferent: 12_345_678,
      repaired: 9,
      stillDifferent: 1_000_000,
      notCompared: 0,
      leftOut: 7,
    }
    const before = summary({ run: `20260301-${'customers-of-spain-'.repeat(3)}é` })
    const text = comparisonText(before, summary(), counts, 'reports/now/compare.csv')
    for (const line of text.split('\n'))
      if (!line.includes('customers')) expect(stringWidth(line)).toBeLessThanOrEqual(80)
    expect(text).toContain('12,345,678')
    expect(text).toContain('  7 more values differ and are not included: too many to compare at once.')
  })

  test('says where the other run is the later one', () => {
    const later = summary({ startedAt: Date.parse('2024-06-01T00:00:00Z') })
    expect(comparisonText(later, summary(), none, 'f')).toContain('2024-06-01, which started after this one.')
    expect(comparisonText(summary(), later, none, 'f')).not.toContain('began after')
  })
})
