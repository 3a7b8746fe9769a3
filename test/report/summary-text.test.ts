import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { planText } from '../../src/report/plan-text.ts'
import { toDoLines } from '../../src/report/to-do.ts'
import { Tally } from '../../src/report/tally.ts'
import { count, duration, summaryText, verdictOnRun } from '../../src/report/summary-text.ts'
import { account, everyOutcome, planFile, runFacts } from '../support/build.ts'

function summaryOf(accounts: Account[], facts: RunFacts) {
  const tally = new Tally()
  for (const one of accounts) tally.add(one, judgedValues(one))
  return tally.summary(facts)
}
function verdict(accounts: Account[], more: Partial<RunFacts> = {}): string {
  const facts = runFacts(accounts.length, more)
  return verdictOnRun(summaryOf(accounts, facts), facts)
}

describe('the sentence on a run', () => {
  test('says why it stopped, before anything else', () => {
    const stop = { exit: 'stopped' as const, message: '100 rows have errors; the error budget is 100.' }
    expect(verdict(everyOutcome(), { status: 'stopped', stop })).toBe(`Stopped. ${stop.message}`)
  })

  test('says that a killed run was interrupted', () => {
    expect(verdict([account()], { status: null })).toMatch(/^Interrupted/)
  })

  test('counts the rows that need attention', () => {
    expect(verdict(everyOutcome())).toBe('Finished; 5 of 10 rows need attention.')
    expect(verdict([account({ outcome: 'held' }), account()])).toBe('Finished; 1 of 2 rows needs attention.')
  })

  test('claims success for what was compared, and only for that', () => {
    const body = { external_id: 'u', plan: 'gold', first_name: 'Ada' }
    const half = account({ body, reasons: ['exact', 'standard_field_not_echoed'] })
    expect(verdict([account()])).toBe(
      'Finished; the one value that could be compared is stored as requested.',
    )
    expect(verdict([half])).toMatch('(1 more are not shown in the responses).')
    const unseen = account({ outcome: 'unverifiable', reasons: ['reply_malformed'] })
    expect(verdict([unseen])).toBe('Finished; 1 row accepted, with no values to compare.')
  })
})

test('the summary shows each outcome met with its number, and what the numbers add up to', () => {
  const facts = runFacts(10)
  const text = summaryText(summaryOf(everyOutcome(), facts), facts)
  const figures = [...text.matchAll(/^ {2}([a-z_]+) +(\d+) {2}/gm)].map(([, name, n]) => [name, Number(n)])
  expect(figures.slice(0, 10)).toEqual([
    ['verified', 2],
    ['unverifiable', 1],
    ['mismatched', 1],
    ['rejected', 1],
    ['invalid', 1],
    ['unknown', 1],
    ['held', 1],
    ['unchanged', 1],
    ['not_sent', 1],
    ['total', 10],
  ])
  expect(text).toContain('3 as requested, 2 differ, 4 not shown in the responses')
  expect(text).toContain('unexplained  1: ')
  expect(text).toContain('request_rejected  1: ')
})

test('the summary fits 80 columns whatever is in it, but for the names of files', () => {
  const requests = {
    ...runFacts(10).requests,
    sent: 123_456,
    rateLimited: 1234,
    coalesced: 9876,
    gaps: 9,
    gapsMs: 9,
  }
  const facts = runFacts(10, { requests, resumes: 12, waitedForLanesMs: 9e6, activeMs: 1e9 })
  const summary = { ...summaryOf(everyOutcome(), facts), overtaken: 1234 }
  const wide = { ...summary, reasons: { unexplained: 9, string_too_long: 7, future_clamped: 5 } }
  const text = summaryText(wide, facts)
  expect(text).toContain('resumed 12 times')
  expect(text.split('\n').filter(line => line.length > 80)).toEqual([])
})

test('what is left to do is told with the file it starts from, once the run has finished', () => {
  const facts = runFacts(10)
  const summary = summaryOf(everyOutcome(), facts)
  expect(toDoLines(summary, ['rows.csv', 'values.csv', 'rejects.csv', 'unknown-2.csv'])).toEqual([
    '  to do     values.csv shows what 1 row requested and what the profile holds',
    '            rejects.csv has 3 rows: fix them, then import the file',
    '            unknown-2.csv has 1 row: check the profiles before you send them',
    '            again',
  ])
  expect(toDoLines({ ...summary, status: 'interrupted' }, ['rejects.csv'])).toEqual([])
  expect(toDoLines(summaryOf([account()], runFacts(1)), [])).toEqual([])
})

describe('what is said of lookups', () => {
  const lookups = { requests: 12, users: 600, failed: 0, settled: 10 }

  test('of an import: how many, and that values are shown neither in responses nor in profiles', () => {
    const facts = runFacts(10, { lookups })
    const text = summaryText(summaryOf(everyOutcome(), facts), facts)
    expect(text).toContain('\n  lookups   12 requests, 600 users\n')
    expect(text).toContain('4 not shown in the responses or profiles\n')
    expect(text).toContain('accepted; neither response nor profile shows the fields')
  })

  test('of an import in which none has settled anything: where values are not shown stays the response', () => {
    const facts = runFacts(10, { lookups: { requests: 1, users: 0, failed: 1, settled: 0 } })
    const text = summaryText(summaryOf(everyOutcome(), facts), facts)
    expect(text).toContain('\n  lookups   1 request, 1 without a result, 0 users\n')
    expect(text).toContain('4 not shown in the responses\n')
  })

  test('of an audit: nothing was sent, and no word says so', () => {
    const facts = runFacts(10, { isAudit: true, lookups })
    const text = summaryText(summaryOf(everyOutcome(), facts), facts)
    expect(text).toContain('\n  lookups   600 users looked up in 12 requests; took 60 s\n')
    expect(text).toContain('4 not shown in profiles\n')
    expect(text).toContain('in.csv, compared with sandbox\n')
    expect(text).toContain('failed validation; not compared')
    expect(text).not.toMatch(/^ {2}requests |→|response/m)
  })

  test('of an export on disk: its users, and the records that could not be used', () => {
    const exported = { users: 1234, unusable: 1, problems: [] }
    const facts = runFacts(10, { isAudit: true, exported })
    const text = summaryText(summaryOf(everyOutcome(), facts), facts)
    expect(text).toContain('\n  export    1,234 users, 1 record that cannot be used; took 60 s\n')
  })

  test('of an audit with nothing to compare, that there was nothing', () => {
    const unseen = account({ outcome: 'unverifiable', reasons: ['not_exported'] })
    const left = account({ outcome: 'not_sent', body: null, reasons: [] })
    expect(verdict([unseen], { isAudit: true })).toBe('Finished; there was nothing to compare.')
    expect(verdict([account(), left], { isAudit: true })).toBe(
      'Finished; the one value that could be compared is stored as requested. 1 row was not compared.',
    )
  })
})

test.each([
  [0, 'less than a second'],
  [14_400, '14 s'],
  [119_000, '119 s'],
  [24 * 60_000, '24 min'],
  [2_000 * 60_000, '33 h 20 min'],
])('%s ms are %s', (ms, said) => {
  expect(duration(ms)).toBe(said)
})

test('one row is one row, and thousands are set apart', () => {
  expect([count(1, 'row'), count(0, 'row'), count(12_430, 'row')]).toEqual(['1 row', '0 rows', '12,430 rows'])
})

test('a plan says what would be sent, for how long, what it costs and what is refused, with its first place', () => {
  const first = {
    code: 'cell_type' as const,
    message: '`age` is no number.',
    file: 'in.csv',
    row: 12,
    line: 14,
  }
  const plan: Plan = {
    files: [planFile({ rows: 1002 })],
    objects: 1002,
    invalid: 2,
    requests: 1000,
    minutes: 2,
    dataPoints: 3000,
    kinds: { attributes: 1000 },
    leftOut: 0,
    columns: {
      zip: {
        declared: false,
        type: 'string',
        filled: 1000,
        empty: 2,
        spoiledBy: { cell: '00123', line: 3 },
        problems: [],
      },
    },
    foreseen: [],
    problems: [{ code: 'cell_type', times: 2, first }],
  }
  const text = planText(plan, 500)
  for (const part of [
    'in.csv (csv, comma-delimited, 1,002 rows)',
    '1,000 at 500 a minute, about 2 min',
    '1,000 attributes',
    'data points  3,000',
    '2 rows, will not be sent',
    'in.csv, row 12 (line 14): `age` is no number.',
    'zip     string   1,000      2  inferred; line 3 has "00123"',
  ]) {
    expect(text).toContain(part)
  }
})
