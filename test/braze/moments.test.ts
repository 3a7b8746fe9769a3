import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMoment, formatMoment } from '../../src/braze/moments.ts'

const noon = Date.UTC(2022, 11, 6, 12, 0, 0)

test.each([
  ['2022-12-06T12:00:00Z', noon, true],
  ['2022-12-06T12:00:00.000z', noon, true],
  ['2022-12-06T13:00:00+01:00', noon, true],
  ['2022-12-06T13:00:00+0100', noon, true],
  ['2022-12-06T13:00:00+01', noon, true],
  ['2022-12-06T06:30:00-05:30', noon, true],
  ['2022-12-06T12:00:00:123+0000', noon + 123, true],
  ['2022-12-06T12:00:00', noon, false],
  ['2022-12-06 12:00:00', noon, false],
  ['2022-12-06', Date.UTC(2022, 11, 6), false],
  ['12/06/2022', Date.UTC(2022, 11, 6), false],
  ['2024-02-29', Date.UTC(2024, 1, 29), false],
  ['0099-01-01', -59042995200000, false],
])('%s is a moment the API recognises', (text, ms, hasOffset) => {
  expect(readMoment(text)).toEqual({ ms, hasOffset })
})

test.each([
  '2022-01-001T00:00:00.000Z',
  '2022-02-29',
  '2022-13-01',
  '13/01/2022',
  '2022-12-06T24:00:00Z',
  '2022-12-06T12:60:00Z',
  '2022-12-06T12:00:61Z',
  '2022-12-06T12:00:00+15:00',
  '2022-12-06T12:00:00 CET',
  'Mar 26 2026 06:12 PM +00:00',
  '20221206',
  '1670328000',
  'tomorrow',
  '',
])('%j is no moment', text => {
  expect(readMoment(text)).toBeUndefined()
})

test('every moment that is written out is read back as the same moment', () => {
  const ms = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(3000, 0, 1) })
  fc.assert(fc.property(ms, at => readMoment(formatMoment(at))?.ms === at))
})

test('an offset shifts the moment and nothing else', () => {
  const offset = fc.record({ hours: fc.integer({ min: -12, max: 14 }), minutes: fc.constantFrom(0, 30, 45) })
  fc.assert(
    fc.property(offset, ({ hours, minutes }) => {
      const two = (value: number) => String(value).padStart(2, '0')
      const text = `2022-12-06T12:00:00${hours < 0 ? '-' : '+'}${two(Math.abs(hours))}:${two(minutes)}`
      const shift = (hours < 0 ? -1 : 1) * (Math.abs(hours) * 60 + minutes) * 60_000
      return readMoment(text)?.ms === noon - shift
    }),
  )
})

test.each(['America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])('the time zone %s plays no part', zone => {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  try {
    expect(new Date(2022, 11, 6, 12).getTime()).not.toBe(noon)
    expect(readMoment('2022-12-06T12:00:00')?.ms).toBe(noon)
    expect(readMoment('03/13/2022')?.ms).toBe(Date.UTC(2022, 2, 13))
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
})

test.each([
  ['Tue 12 06 19:20:45.+01:00 2022', '2022-12-06T18:20:45.000Z'],
  ['tue 12 06 19:20:45.UTC 2022', '2022-12-06T19:20:45.000Z'],
])('the form with the day of the week first is read: %s', (text, iso) => {
  expect(readMoment(text)).toEqual({ ms: Date.parse(iso), hasOffset: true })
})

test('a day that does not exist is none in that form either', () => {
  expect(readMoment('Tue 02 30 19:20:45.Z 2022')).toBeUndefined()
})
