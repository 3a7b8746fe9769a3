import { expect, test } from 'vitest'
import { drainMs, type Stretch } from '../../src/forecast/simulate.ts'

const perMs = 1 / 100
const cycle = (answerMs: number, rowsEach = 1) => ({ answerMs, permitMs: 0, rowsEach })
const seconds = (ahead: Stretch[], cycles = [cycle(400)], readAhead = 100) =>
  drainMs({ waiting: [], ahead, readAhead }, { perMs, rowsEach: 1, cycles }) / 1000

test('rows of many users leave at the pace', () => {
  expect(seconds([{ busy: [0], others: 1000 }])).toBeCloseTo(100)
})

test('a user of few rows ends with the others, one of many ends last', () => {
  expect(seconds([{ busy: [100], others: 900 }])).toBeCloseTo(100)
  expect(seconds([{ busy: [500], others: 500 }])).toBeCloseTo(200)
})

test('where a busy user comes late in the input, its rows begin when it is reached', () => {
  const [others, busy] = [
    { busy: [0], others: 1000 },
    { busy: [200], others: 0 },
  ]
  // Its rows wait behind the last hundred that are read ahead.
  expect(seconds([others, busy])).toBeCloseTo(180)
  // The other way round the others pass it, but for what it keeps from being read at first.
  expect(seconds([busy, others])).toBeGreaterThan(120)
  expect(seconds([busy, others])).toBeLessThan(165)
})

test('two busy users go side by side, and the pace bounds them all', () => {
  const rows = [{ busy: [100, 100], others: 0 }]
  expect(seconds(rows, [cycle(400), cycle(400)])).toBeCloseTo(40)
  expect(seconds(rows, [cycle(150), cycle(150)])).toBeCloseTo(20, 0)
})

test('rows that ride together cost one request', () => {
  expect(seconds([{ busy: [500], others: 500 }], [cycle(400, 10)])).toBeLessThan(60)
})

test('nothing takes no time', () => {
  expect(seconds([])).toBe(0)
})
