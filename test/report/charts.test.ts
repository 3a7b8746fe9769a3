import { describe, expect, test } from 'vitest'
import type { RunFacts } from '../../src/model/run-facts.ts'
import type { Timeline } from '../../src/model/timeline.ts'
import { sayMs, spread } from '../../src/report/page/latency-chart.ts'
import { OutcomesOverTime } from '../../src/report/page/outcomes-over-time.ts'
import { paceOverTime } from '../../src/report/page/pace-chart.ts'
import { runningSection } from '../../src/report/page/running.ts'
import { columns, unitOf } from '../../src/report/page/time-axis.ts'
import { Tally } from '../../src/report/tally.ts'
import { account, now, runFacts } from '../support/build.ts'

describe('the pace', () => {
  test('of an even run is even, from its beginning to its end', () => {
    const paces = paceOverTime(evenRun(120)).map(({ pace }) => pace)
    expect(Math.min(...paces)).toBeGreaterThan(485)
    expect(Math.max(...paces)).toBeLessThan(510)
  })

  test('in a pause is nothing, and beside it as before', () => {
    const facts = evenRun(120, { pauses: [{ from: 40_000, to: 60_000, limited: true }] })
    const { sent, sliceMs } = facts.timeline
    for (let i = 40_000 / sliceMs; i < 60_000 / sliceMs; i++) sent[i] = 0
    const paces = paceOverTime(facts)
    for (const { at, pace } of paces) {
      if (at > 40_000 && at < 60_000) expect(pace).toBe(0)
      else expect(pace).toBeGreaterThan(480)
    }
  })
})

test('slices are told as fewer and wider ones, and nothing is lost at the end', () => {
  const facts = evenRun(100)
  const all = facts.timeline.sent.reduce((sum, count) => sum + count, 0)
  for (const most of [1, 7, 12, 100]) {
    const found = columns(facts.timeline.sent, facts, most)
    expect(found.length).toBeLessThanOrEqual(most)
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(all)
    expect([found[0]?.from, found.at(-1)?.to]).toEqual([0, facts.activeMs])
  }
})

test('latencies are told between round numbers, each of them once', () => {
  const latency = new Uint32Array(5000)
  for (const ms of [0, 1, 99, 100, 101, 4000]) latency[ms] = 2
  const bars = spread(latency)
  expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(12)
  expect(bars.find(({ from }) => from === 100)).toEqual({ from: 100, to: 125, count: 4 })
  expect([bars[0]?.from, bars.at(-1)?.from]).toEqual([0.5, 4000])
  expect(spread(new Uint32Array(10))).toEqual([])
})

test('time is told in the unit that fits', () => {
  expect([60_000, 600_000, 86_400_000].map(ms => unitOf(ms).name)).toEqual(['seconds', 'minutes', 'hours'])
  expect([8, 999, 1000, 1540].map(sayMs)).toEqual(['8 ms', '999 ms', '1 s', '1.5 s'])
})

describe('the drawings', () => {
  test('are the same bytes every time, bring no style of their own, and say in words what they show', async () => {
    const [one, other] = [await sectionOf(evenRun(60)), await sectionOf(evenRun(60))]
    expect(one).toBe(other)
    expect(one).not.toMatch(/<style|\sstyle=|\d\.\d{3}|NaN|undefined|Infinity/)
    // Each is drawn for a wide page and for a phone.
    expect(one.match(/<svg [^>]*role="img"/g)).toHaveLength(6)
    expect(one).toContain('aria-label="Requests per minute over the run. ')
  })

  test('mark pauses, 429s and resumes, and name each mark', async () => {
    const timeline = {
      pauses: [{ from: 10_000, to: 20_000, limited: true }],
      paused: { times: 1, ms: 10_000 },
      limited: [0, 0, 3],
      legs: [
        { startedAt: now, from: 0, awayMs: 0, limitPerMinute: 500 },
        { startedAt: now + 7_230_000, from: 30_000, awayMs: 7_200_000, limitPerMinute: 500 },
      ],
    }
    const text = await sectionOf(evenRun(60, timeline))
    expect(text).toContain('(dashed: the limit · ▼ 429 · shaded: no request sent · dotted: resumed)')
    expect(text).toContain('resumed after 2 h 0 min')
    expect(text).toContain('1 pause, 10 s in total.')
  })

  test('are left out where there is too little to draw', async () => {
    const few = await sectionOf(runFacts(1))
    expect(few).not.toContain('<svg')
    expect(few).toContain('1 request in 60 s')
    const none = runFacts(1)
    none.requests.sent = 0
    expect(await sectionOf(none)).toBe('')
  })
})

/** A run of so many seconds at 500 a minute. */
function evenRun(seconds: number, more: Partial<Timeline> = {}): RunFacts {
  const sent: number[] = []
  for (let ms = 0; ms < seconds * 1000; ms += 120)
    sent[Math.floor(ms / 500)] = (sent[Math.floor(ms / 500)] ?? 0) + 1
  const facts = runFacts(1, { activeMs: seconds * 1000 })
  const timeline = { ...facts.timeline, sliceMs: 500, sent, ...more }
  return { ...facts, timeline, requests: { ...facts.requests, sent: 500, answered: 500 } }
}

async function sectionOf(facts: RunFacts): Promise<string> {
  const tally = new Tally()
  const over = new OutcomesOverTime(facts)
  for (const one of [account(), account({ outcome: 'rejected', endedAt: now + 9000 })]) over.add(one)
  tally.add(account(), [])
  return (await runningSection(tally.summary({ ...facts, planned: null }), facts, over)).text
}
