import { expect, test } from 'vitest'
import { problem } from '../../src/model/problem.ts'
import { Forecast } from '../../src/validate/forecast.ts'
import { trackObject } from '../support/build.ts'

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
  const forecast = new Forecast()
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
  const forecast = new Forecast()
  forecast.add(bad)
  expect(forecast.figures(500).problems.map(({ code, times }) => [code, times])).toEqual([
    ['cell_type', 2],
    ['json_syntax', 1],
    ['key_invalid', 1],
  ])
  expect(forecast.figures(500).problems[0]?.first).toBe(first)
})

test('cells that were left out are counted, and the row is sent all the same', () => {
  const forecast = new Forecast()
  forecast.add([trackObject('attributes', { external_id: 'a' }, { leftOut: [first, first] })])
  expect(forecast.figures(500)).toMatchObject({ leftOut: 2, invalid: 0, requests: 1 })
  expect(forecast.figures(500).problems).toEqual([{ code: 'cell_type', times: 2, first }])
})

test('without a rate there are no minutes, and a million rows take 33 hours and 20 minutes', () => {
  const forecast = new Forecast()
  const thousand = Array.from({ length: 1000 }, () => trackObject('attributes', { external_id: 'a' }))
  for (let i = 0; i < 1000; i++) forecast.add(thousand)
  expect(forecast.figures(null).minutes).toBeNull()
  expect(forecast.figures(500).minutes).toBe(33 * 60 + 20)
})

test('nothing comes to nothing', () => {
  expect(new Forecast().figures(500)).toEqual({
    objects: 0,
    invalid: 0,
    requests: 0,
    minutes: 0,
    dataPoints: 0,
    kinds: {},
    leftOut: 0,
    problems: [],
  })
})
