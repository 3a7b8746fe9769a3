import { expect, test } from 'vitest'
import { simulate, type Stretch } from '../../src/forecast/simulate.ts'

const perMs = 1 / 100
const hotUser = (answerMs: number, rowsPerRequest = 1) => ({ answerMs, permitMs: 0, rowsPerRequest })
const seconds = (unread: Stretch[], hot = [hotUser(400)], readAhead = 100) =>
  simulate({ waiting: [], unread, readAhead }, { perMs, rowsPerRequest: 1, hot }) / 1000

test('rows of many users are sent at the rate limit', () => {
  expect(seconds([{ hot: [0], others: 1000 }])).toBeCloseTo(100)
})

test('a user with few rows ends with the others, one with many ends last', () => {
  expect(seconds([{ hot: [100], others: 900 }])).toBeCloseTo(100)
  expect(seconds([{ hot: [500], others: 500 }])).toBeCloseTo(200)
})

test('rows of a hot user late in the input start when they are reached', () => {
  const [others, hot] = [
    { hot: [0], others: 1000 },
    { hot: [200], others: 0 },
  ]
  // They wait behind the last hundred rows that were read ahead.
  expect(seconds([others, hot])).toBeCloseTo(180)
  // In the other order the others overtake, except while the hot user holds up reading.
  expect(seconds([hot, others])).toBeGreaterThan(120)
  expect(seconds([hot, others])).toBeLessThan(165)
})

test('two hot users are sent side by side, up to the rate limit', () => {
  const rows = [{ hot: [100, 100], others: 0 }]
  expect(seconds(rows, [hotUser(400), hotUser(400)])).toBeCloseTo(40)
  expect(seconds(rows, [hotUser(150), hotUser(150)])).toBeCloseTo(20, 0)
})

test('rows that share a request take its time only once', () => {
  expect(seconds([{ hot: [500], others: 500 }], [hotUser(400, 10)])).toBeLessThan(60)
})

test('an empty backlog takes no time', () => {
  expect(seconds([])).toBe(0)
})
