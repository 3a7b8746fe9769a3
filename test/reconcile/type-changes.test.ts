import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { formatMoment } from '../../src/braze/moments.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { now } from '../support/build.ts'
import { attribute, event } from './scenes.ts'

describe('a forced type', () => {
  test.each<[Json, Json, ReasonCode]>([
    [1, true, 'coerced_boolean'],
    ['1', true, 'coerced_boolean'],
    ['TRUE', true, 'coerced_boolean'],
    ['t', true, 'coerced_boolean'],
    [0, false, 'coerced_boolean'],
    ['False', false, 'coerced_boolean'],
    ['F', false, 'coerced_boolean'],
    [1, false, 'unexplained'],
    ['true', false, 'unexplained'],
    [2, true, 'type_rejected'],
    ['yes', true, 'type_rejected'],
    ['no', false, 'type_rejected'],
    ['25', 25, 'coerced_number'],
    ['-2.50', -2.5, 'coerced_number'],
    ['25', 26, 'unexplained'],
    ['1e5', 100_000, 'type_rejected'],
    ['0x10', 16, 'type_rejected'],
    ['', 0, 'type_rejected'],
    ['twelve', 12, 'type_rejected'],
    [true, 1, 'type_rejected'],
    [25, '25', 'coerced_string'],
    [true, 'true', 'coerced_string'],
    [-2.5, '-2.5', 'coerced_string'],
    [25, '25.0', 'unexplained'],
    ['gold', ['gold'], 'type_rejected'],
    [7, { x: 7 }, 'type_rejected'],
    ['gold', null, 'unexplained'],
    [['1'], 1, 'unexplained'],
    [{ x: 1 }, '{"x":1}', 'unexplained'],
  ])('makes of %j %j: %s', (requested, returned, code) => {
    expect(attribute(requested, returned)).toBe(code)
  })

  test('that rejects, by the other reading, coerces nothing', () => {
    const readings = { forcedType: 'reject' as const }
    expect(attribute('25', 7, { readings })).toBe('type_rejected')
    expect(attribute(25, '25', { readings })).toBe('type_rejected')
    expect(attribute(25, 26, { readings })).toBe('unexplained')
  })

  test('is not blamed for what a limit explains', () => {
    expect(attribute('x'.repeat(256), 7)).toBe('string_too_long')
  })
})

test.each<[string, Json, Json, ReasonCode]>([
  ['out of range', { $time: '3500-01-01' }, '3500-01-01', 'date_kept_as_string'],
  ['in a form that is none', { $time: 'tomorrow' }, 'tomorrow', 'date_kept_as_string'],
  [
    'in range, as UTC',
    { $time: '2022-12-06T19:00:00+01:00' },
    '2022-12-06T18:00:00.000Z',
    'date_same_instant',
  ],
  ['in range, as it was', { $time: '2022-12-06T18:00:00Z' }, '2022-12-06T18:00:00Z', 'date_same_instant'],
  ['out of range, as a moment', { $time: '3500-01-01' }, '3500-01-01T00:00:00.000Z', 'date_utc_assumed'],
  ['out of range, and not there', { $time: '3500-01-01' }, 'gold', 'nested_year_dropped'],
  ['in range, and another', { $time: '2022-12-06' }, '2022-12-07', 'unexplained'],
  ['as plain text that stayed', '3500-01-01', '3500-01-01', 'exact'],
  ['as plain text of no known form that stayed', '26.03.2026', '26.03.2026', 'exact'],
  ['as plain text whose spaces went', 'Mar 26 2026  06:12 PM', 'Mar 26 2026 06:12 PM', 'date_kept_as_string'],
  ['as plain text that became another', 'Mar 26 2026', 'Mar 27 2026', 'unexplained'],
  ['that is no date', 'Room 2026', 'room 2026', 'unexplained'],
])('a time %s', (_, requested, returned, code) => {
  expect(attribute(requested, returned)).toBe(code)
})

describe('a time in the future', () => {
  const at = (ms: number) => formatMoment(now + ms)
  const readings = { futureAttributes: 'clamp' as const }

  test('is clamped in attributes only by the older reading, and only to now', () => {
    expect(attribute(at(3_600_000), at(-1000), { readings })).toBe('future_clamped')
    expect(attribute({ $time: at(3_600_000) }, at(1000), { readings })).toBe('future_clamped')
    expect(attribute(at(3_600_000), at(-1000))).toBe('unexplained')
    expect(attribute(at(3_600_000), at(-3_600_000), { readings })).toBe('unexplained')
    expect(attribute(at(-3_600_000), at(-1000), { readings })).toBe('unexplained')
    expect(attribute(at(3_600_000), at(3_600_000), { readings })).toBe('exact')
  })

  test('is clamped in events by every reading', () => {
    const steering = { time: at(3_600_000) }
    expect(event({ last: at(0) }, { steering })[1]).toBe('future_clamped')
  })
})
