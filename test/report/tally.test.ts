import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import type { Stop } from '../../src/model/exit.ts'
import type { Summary } from '../../src/model/summary.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { Tally } from '../../src/report/tally.ts'
import { account, everyOutcome, runFacts, unsent } from '../support/build.ts'

function summaryOf(accounts: Account[], facts: RunFacts = runFacts(accounts.length)): Summary {
  const tally = new Tally()
  for (const one of accounts) tally.add(one, judgedValues(one))
  return tally.summary(facts)
}

/** The parts of a total, added up. */
function sum(parts: Record<string, number>): number {
  return Object.entries(parts).reduce((all, [name, part]) => (name === 'total' ? all : all + part), 0)
}

test('the keys are those of the design, in its order', () => {
  const summary = summaryOf(everyOutcome())
  const keysOf = (part: object | undefined) => Object.keys(part ?? {}).join(' ')
  expect(keysOf(summary)).toBe(
    'run version status exitCode target startedAt finishedAt durationMs inputs objects overtaken values reasons fields mode lookups requests',
  )
  expect(keysOf(summary.inputs[0])).toBe('path bytes sha256 rows')
  expect(keysOf(summary.objects)).toBe(
    'total verified unverifiable mismatched rejected invalid unknown held unchanged notSent',
  )
  expect(keysOf(summary.values)).toBe('total match equivalent unverifiable changed notApplied unknown')
  expect(keysOf(summary.fields['plan'])).toBe('total match differ unverifiable')
  expect(keysOf(summary.requests)).toBe(
    'sent answered retried rateLimited coalesced perMinute limitPerMinute latencyMs',
  )
  expect(keysOf(summary.requests.latencyMs)).toBe('p50 p95 p99 max')
})

test('the totals add up, and every outcome is counted once', () => {
  const { objects, values, reasons, fields } = summaryOf(everyOutcome())
  expect(objects).toEqual({
    total: 10,
    verified: 2,
    unverifiable: 1,
    mismatched: 1,
    rejected: 1,
    invalid: 1,
    unknown: 1,
    held: 1,
    unchanged: 1,
    notSent: 1,
  })
  expect(sum(objects)).toBe(objects.total)
  expect(values).toEqual({
    total: 9,
    match: 2,
    equivalent: 1,
    unverifiable: 3,
    changed: 0,
    notApplied: 1,
    unknown: 2,
  })
  expect(sum(values)).toBe(values.total)
  expect(sum({ total: 0, ...reasons })).toBe(values.total)
  expect(Object.values(fields).reduce((all, field) => all + field.total, 0)).toBe(values.total)
  for (const field of Object.values(fields)) expect(sum(field)).toBe(field.total)
  expect(fields['plan']).toEqual({ total: 4, match: 1, differ: 2, unverifiable: 1 })
})

test('a field called __proto__ is counted like any other', () => {
  const body = JSON.parse('{"external_id":"u1","__proto__":1}')
  const { fields } = summaryOf([account({ body, echoed: null, reasons: ['key_missing'] })])
  expect(JSON.stringify(fields)).toBe('{"__proto__":{"total":1,"match":0,"differ":1,"unverifiable":0}}')
})

describe('a journal that does not add up to its plan', () => {
  test.each([9, 11])('of 10 objects where %s were planned refuses to print', planned => {
    expect(() => summaryOf(everyOutcome(), runFacts(planned))).toThrow(/10 objects, but the plan had (9|11)/)
  })

  test('counts what a killed run did not reach as not sent', () => {
    const killed = runFacts(12, { status: null })
    const { objects, status, exitCode } = summaryOf(everyOutcome(), killed)
    expect(objects).toMatchObject({ total: 12, notSent: 3 })
    expect(sum(objects)).toBe(12)
    expect([status, exitCode]).toEqual(['interrupted', 130])
  })

  test('refuses even a killed run that holds more than was planned', () => {
    expect(() => summaryOf(everyOutcome(), runFacts(9, { status: null }))).toThrow(/a report would be wrong/)
  })
})

describe('the exit code', () => {
  const ended = (outcome: Outcome) => unsent({ outcome })
  test.each<[number, Outcome[]]>([
    [0, []],
    [0, ['verified', 'unverifiable', 'unchanged']],
    [1, ['verified', 'mismatched']],
    [1, ['rejected']],
    [1, ['invalid']],
    [1, ['held']],
    [4, ['unknown']],
    [4, ['mismatched', 'unknown', 'rejected']],
  ])('is %s for %j', (code, outcomes) => {
    expect(summaryOf(outcomes.map(ended)).exitCode).toBe(code)
  })

  test.each<[number, Stop['exit']]>([
    [3, 'stopped'],
    [5, 'refused'],
    [70, 'bug'],
    [130, 'interrupted'],
    [143, 'terminated'],
  ])('is %s for a run that ended as %s, whatever its rows', (code, exit) => {
    const accounts = (['unknown', 'mismatched', 'not_sent'] as const).map(ended)
    const stop = { exit, message: 'Why.' }
    expect(summaryOf(accounts, runFacts(3, { status: 'stopped', stop })).exitCode).toBe(code)
  })
})

test('latency and pace come from what was measured', () => {
  const latency = new Uint32Array(1000)
  for (const ms of [10, 20, 30, 40, 50, 60, 70, 80, 90, 500]) latency[ms] = 1
  const requests = {
    sent: 10,
    answered: 10,
    retried: 2,
    rateLimited: 1,
    coalesced: 3,
    gaps: 9,
    gapsMs: 60_000,
    latency,
  }
  expect(summaryOf([account()], runFacts(1, { requests })).requests).toEqual({
    sent: 10,
    answered: 10,
    retried: 2,
    rateLimited: 1,
    coalesced: 3,
    perMinute: 9,
    limitPerMinute: 500,
    latencyMs: { p50: 50, p95: 500, p99: 500, max: 500 },
  })
})
