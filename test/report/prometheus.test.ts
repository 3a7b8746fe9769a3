import { expect, test } from 'vitest'
import { metricsText, type MetricsState } from '../../src/report/prometheus.ts'
import { Tally } from '../../src/report/tally.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { everyOutcome, now, runFacts } from '../support/build.ts'
import { progressOf } from '../support/progress.ts'

const state: MetricsState = {
  run: 'r1',
  hasRun: true,
  startedAt: now,
  updatedAt: now + 5000,
  progress: progressOf({ ended: 7, requests: 9, rateLimited: 2, perMinute: 498.6, endsAt: now + 90_000 }),
  summary: null,
  exitCode: null,
}

/** Series by name and labels; throws where the text is not what a collector takes. */
function read(text: string): Record<string, number> {
  const types = new Map<string, string>()
  const series: Record<string, number> = {}
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [, name = '', type] = /^# TYPE (track_sync_[a-z0-9_]+) (gauge|counter)$/.exec(line) ?? []
    if (type !== undefined) {
      if (types.has(name)) throw new Error(`${name} is told twice`)
      types.set(name, type)
    } else if (!line.startsWith('# HELP ')) {
      const [, own = '', labels, value] =
        /^(\w+)(\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+\}) (-?[\d.e+]+)$/.exec(line) ?? []
      if (!types.has(own) || labels === undefined) throw new Error(`not a sample: ${line}`)
      if ((types.get(own) === 'counter') !== own.endsWith('_total')) throw new Error(`misnamed: ${own}`)
      if (Object.hasOwn(series, own + labels)) throw new Error(`twice: ${line}`)
      series[own + labels] = Number(value)
    }
  }
  return series
}

test('a run under way is told in figures that a collector takes', () => {
  const series = read(metricsText(state))
  expect(series).toMatchObject({
    'track_sync_run_active{run="r1"}': 1,
    'track_sync_rows_planned{run="r1"}': 100_000,
    'track_sync_rows_total{run="r1",outcome="verified"}': 0,
    'track_sync_requests_total{run="r1"}': 9,
    'track_sync_requests_rate_limited_total{run="r1"}': 2,
    'track_sync_requests_per_minute{run="r1"}': 499,
    'track_sync_run_expected_end_timestamp_seconds{run="r1"}': now / 1000 + 90,
    'track_sync_updated_timestamp_seconds{run="r1"}': now / 1000 + 5,
  })
  expect(Object.keys(series).some(name => /exit_code|run_end|values/.test(name))).toBe(false)
})

test('lookups are told with what waits for one, and an audit has no pace of requests', () => {
  const progress = progressOf({ waitingForLookup: 12, lookups: 7, perMinute: 900 })
  expect(read(metricsText({ ...state, progress }))).toMatchObject({
    'track_sync_rows_waiting_for_lookup{run="r1"}': 12,
    'track_sync_lookup_requests_total{run="r1"}': 7,
    'track_sync_requests_per_minute{run="r1"}': 900,
  })
  const audit = read(metricsText({ ...state, progress: { ...progress, mode: 'audit' } }))
  expect(audit['track_sync_lookup_requests_total{run="r1"}']).toBe(7)
  expect(audit['track_sync_requests_per_minute{run="r1"}']).toBeUndefined()
  const ended = read(metricsText({ ...state, progress, exitCode: 0 }))
  expect(ended['track_sync_rows_waiting_for_lookup{run="r1"}']).toBeUndefined()
})

test('one that has ended is told with its exit code and all outcomes', () => {
  const tally = new Tally()
  for (const one of everyOutcome()) tally.add(one, judgedValues(one))
  const series = read(metricsText({ ...state, summary: tally.summary(runFacts(10)), exitCode: 4 }))
  expect(series).toMatchObject({
    'track_sync_run_active{run="r1"}': 0,
    'track_sync_run_exit_code{run="r1"}': 4,
    'track_sync_run_end_timestamp_seconds{run="r1"}': now / 1000 + 5,
    'track_sync_rows_total{run="r1",outcome="verified"}': 2,
    'track_sync_rows_total{run="r1",outcome="not_sent"}': 1,
    'track_sync_values_total{run="r1",verdict="match"}': 2,
    'track_sync_values_total{run="r1",verdict="not_applied"}': 1,
  })
})

test('one that never began is told with what there is', () => {
  const series = read(metricsText({ ...state, run: 'crm', hasRun: false, progress: null, exitCode: 2 }))
  expect(series['track_sync_run_exit_code{run="crm"}']).toBe(2)
  expect(Object.keys(series).some(name => /rows|info/.test(name))).toBe(false)
})

test('a name of a run can be anything, and nothing else is named', () => {
  const text = metricsText({ ...state, run: 'a "b" \\c\nd' })
  expect(Object.keys(read(text))[0]).toBe('track_sync_run_info{run="a \\"b\\" \\\\c\\nd",version="0.1.0"}')
  expect(new Set(text.match(/[a-z_]+(?==")/g))).toEqual(new Set(['run', 'version', 'outcome']))
})
