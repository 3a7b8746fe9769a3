import { expect, test } from 'vitest'
import { problem } from '../../src/model/problem.ts'
import { Forecast } from '../../src/forecast/totals.ts'
import { now, trackObject } from '../support/build.ts'

const good = [
  trackObject('attributes', { external_id: 'a', plan: 'gold', tags: { add: [1, 2] } }),
  trackObject('attributes', { external_id: 'a', email_subscribe: 'opted_in' }),
  trackObject('events', { external_id: 'a', name: 'e', time: '2022-12-06', properties: { x: 1 } }),
  trackObject('purchases', { external_id: 'a', product_id: 'p', quantity: 9 }),
]
const first = problem('cell_type', 'first', { row: 2 })
const bad = [
  trackObject(
    'attributes',
    { external_id: 'a', plan: 'gold' },
    { problems: [first, problem('key_invalid', 'x')] },
  ),
  trackObject('events', {}, { problems: [problem('cell_type', 'second', { row: 5 })] }),
  trackObject(null, {}, { problems: [problem('json_syntax', 'x')] }),
]

test('objects, kinds, requests and data points add up, and what is invalid costs nothing', () => {
  const forecast = new Forecast(now)
  forecast.add(good)
  forecast.add(bad)
  const figures = forecast.figures(500)
  expect(figures).toMatchObject({
    objects: 7,
    invalid: 3,
    requests: 4,
    minutes: 4 / 500,
    dataPoints: 5,
    kinds: { attributes: 2, events: 1, purchases: 1 },
  })
  expect(figures.requests + figures.invalid).toBe(figures.objects)
  expect(Object.values(figures.kinds).reduce((sum, n) => sum + n, 0)).toBe(figures.requests)
})

test('each problem is told with how often and where first, the most frequent one first', () => {
  const forecast = new Forecast(now)
  forecast.add(bad)
  expect(forecast.figures(500).problems.map(({ code, times }) => [code, times])).toEqual([
    ['cell_type', 2],
    ['json_syntax', 1],
    ['key_invalid', 1],
  ])
  expect(forecast.figures(500).problems[0]?.first).toBe(first)
})

test('cells that were left out are counted, and the row is sent all the same', () => {
  const forecast = new Forecast(now)
  forecast.add([trackObject('attributes', { external_id: 'a' }, { leftOut: [first, first] })])
  expect(forecast.figures(500)).toMatchObject({ leftOut: 2, invalid: 0, requests: 1 })
  expect(forecast.figures(500).problems).toEqual([{ code: 'cell_type', times: 2, first }])
})

test('without a rate there are no minutes, and a million rows take 33 hours and 20 minutes', () => {
  const forecast = new Forecast(now)
  const thousand = Array.from({ length: 1000 }, () => trackObject('attributes', { external_id: 'a' }))
  for (let i = 0; i < 1000; i++) forecast.add(thousand)
  expect(forecast.figures(null).minutes).toBeNull()
  expect(forecast.figures(500).minutes).toBe(33 * 60 + 20)
})

test('nothing comes to nothing', () => {
  expect(new Forecast(now).figures(500)).toEqual({
    objects: 0,
    invalid: 0,
    requests: 0,
    minutes: 0,
    dataPoints: 0,
    kinds: {},
    leftOut: 0,
    columns: {},
    problems: [],
    foreseen: [],
  })
})

test('what will not be stored as requested is told with how often and where first, of objects that are sent', () => {
  const forecast = new Forecast(now)
  const long = (row: number, more = {}) =>
    trackObject('attributes', { external_id: 'a', note: 'x'.repeat(256) }, { row, line: row + 1, ...more })
  const future = trackObject('events', { external_id: 'a', name: 'e', time: '2999-01-01' }, { row: 9 })
  forecast.add([long(1, { problems: [first] }), future, long(2), long(3)])
  expect(forecast.figures(500).foreseen).toMatchObject([
    { reason: 'string_too_long', times: 2, first: { file: 'in.csv', row: 2, line: 3, field: 'note' } },
    { reason: 'future_clamped', times: 1, first: { row: 9, field: 'time' } },
  ])
})

test('each column gets its own problems, those that expect the same counted together', () => {
  const forecast = new Forecast(now, ({ field }) => field)
  const wrong = (expected: string, line: number) =>
    problem('field_type', 'wrong', { field: 'x', expected, line })
  const problems = [wrong('text', 2), wrong('a number', 3), wrong('text', 4), problem('json_syntax', 'x')]
  forecast.add([trackObject('attributes', {}, { problems })])
  const figures = { declared: true as const, type: 'string', filled: 1, empty: 0 }
  expect(forecast.figures(500, { x: figures, y: figures }).columns).toEqual({
    x: {
      ...figures,
      problems: [
        { code: 'field_type', times: 2, example: problems[0] },
        { code: 'field_type', times: 1, example: problems[1] },
      ],
    },
    y: { ...figures, problems: [] },
  })
})
