import { expect, test } from 'vitest'
import { simulate, type Stretch } from '../../src/forecast/simulate.ts'

const perMs = 1 / 100
const hotUser = (answerMs: number, rowsPerRequest = 1) => ({ answerMs, permitMs: 0, rowsPerRequest })
const seconds = (unread: Stretch[], hot = [hotUser(400)], readAhead = 100) =>
  simulate({ waiting: [], unread, readAhead }, { perMs, rowsPerRequest: 1, hot }) / 1000

test('rows of many users leave at the pace', () => {
  expect(seconds([{ hot: [0], others: 1000 }])).toBeCloseTo(100)
})

test('a user of few rows ends with the others, one of many ends last', () => {
  expect(seconds([{ hot: [100], others: 900 }])).toBeCloseTo(100)
  expect(seconds([{ hot: [500], others: 500 }])).toBeCloseTo(200)
})

test('where a hot user comes late in the input, its rows begin when it is reached', () => {
  const [others, hot] = [
    { hot: [0], others: 1000 },
    { hot: [200], others: 0 },
  ]
  // Its rows wait behind the last hundred that are read ahead.
  expect(seconds([others, hot])).toBeCloseTo(180)
  // The other way round the others pass it, but for what it keeps from being read at first.
  expect(seconds([hot, others])).toBeGreaterThan(120)
  expect(seconds([hot, others])).toBeLessThan(165)
})

test('two hot users go side by side, and the pace bounds them all', () => {
  const rows = [{ hot: [100, 100], others: 0 }]
  expect(seconds(rows, [hotUser(400), hotUser(400)])).toBeCloseTo(40)
  expect(seconds(rows, [hotUser(150), hotUser(150)])).toBeCloseTo(20, 0)
})

test('rows that ride together cost one request', () => {
  expect(seconds([{ hot: [500], others: 500 }], [hotUser(400, 10)])).toBeLessThan(60)
})

test('nothing takes no time', () => {
  expect(seconds([])).toBe(0)
})
