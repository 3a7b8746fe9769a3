import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { Facts } from '../../src/journal/facts.ts'
import { slicesMax, type Timeline, workAt } from '../../src/model/timeline.ts'
import { resumed as resumedLine, run as runLine } from './told.ts'

const begin = 1_000_000
const run: Entry = { ...runLine, at: begin }

test('requests and 429s are counted in the slice of time in which they were', () => {
  const { sliceMs, sent, limited } = timelineOf([run, left(0), left(100), left(600), turnedBack(700)])
  expect(sliceMs).toBe(250)
  expect(sent).toEqual([2, 0, 1])
  expect(limited).toEqual([0, 0, 1])
})

test('rows that ride in the request of another are no requests', () => {
  const rides = { ...left(10), with: 0 }
  expect(timelineOf([run, left(0), rides, { ...turnedBack(20), with: 0 }])).toMatchObject({
    sent: [1],
    limited: [],
  })
})

test('however long the run, no request is lost and the slices stay few', () => {
  const times = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(times, unsorted => {
      const sorted = unsorted.toSorted((a, b) => a - b)
      const { sent, sliceMs, pauses } = timelineOf([run, ...sorted.map(left)])
      expect(sent.reduce((sum, count) => sum + count, 0)).toBe(sorted.length)
      expect(sent.length).toBeLessThanOrEqual(slicesMax)
      expect(pauses.length).toBeLessThanOrEqual(40)
      expect(sent).toHaveLength(Math.floor((sorted.at(-1) ?? 0) / sliceMs) + 1)
    }),
  )
})

describe('a pause', () => {
  test('is a stretch between two requests that is much longer than the pace asks for', () => {
    const { pauses, paused } = timelineOf([run, left(0), left(120), left(5120), left(5240), left(6740)])
    expect(pauses).toEqual([{ from: 120, to: 5120, limited: false }])
    expect(paused).toEqual({ times: 1, ms: 5000 })
  })

  test('says whether a 429 came in it', () => {
    const { pauses } = timelineOf([run, left(0), turnedBack(80), left(9000), left(18_000)])
    expect(pauses.map(({ limited }) => limited)).toEqual([true, false])
  })

  test('is none where the pace itself is that slow', () => {
    const slow: Entry = { ...runLine, at: begin, limitPerMinute: 10 }
    expect(timelineOf([slow, left(0), left(6000), left(12_000)]).pauses).toEqual([])
  })

  test('is kept if it is one of the longest; all are counted', () => {
    let at = 0
    const lefts = Array.from({ length: 100 }, (_, i) => {
      at += 2000 + i
      return left(at)
    })
    const { pauses, paused } = timelineOf([run, ...lefts])
    expect(pauses).toHaveLength(40)
    expect(Math.min(...pauses.map(({ from, to }) => to - from))).toBe(2060)
    expect(paused.times).toBe(99)
    expect(pauses).toEqual(pauses.toSorted((a, b) => a.from - b.from))
  })
})

test('the time between two processes is no pause and takes no time, and how long it was is known', () => {
  const timeline = timelineOf([
    run,
    left(0),
    left(1000),
    { ...resumedLine, at: begin + 3_601_000, limitPerMinute: 100 } as Entry,
    left(3_601_500),
  ])
  expect(timeline.pauses).toEqual([])
  expect(timeline.legs).toEqual([
    { startedAt: begin, from: 0, awayMs: 0, limitPerMinute: 500 },
    { startedAt: begin + 3_601_000, from: 1000, awayMs: 3_600_000, limitPerMinute: 100 },
  ])
  expect(timeline.sent).toEqual([1, 0, 0, 0, 1, 0, 1])
  expect(workAt(timeline, begin + 400)).toBe(400)
  expect(workAt(timeline, begin + 3_601_500)).toBe(1500)
})

function left(ms: number): Entry & { t: 'sent' } {
  return { t: 'sent', at: begin + ms, seq: 0, attempt: 1 }
}

function turnedBack(ms: number): Entry & { t: 'answered' } {
  return { t: 'answered', at: begin + ms, seq: 0, status: 429, ms: 5 }
}

function timelineOf(entries: Entry[]): Timeline {
  const gathering = new Facts()
  for (const entry of entries) gathering.add(entry)
  return gathering.facts.timeline
}
