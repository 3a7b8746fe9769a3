import { expect, test } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { Facts } from '../../src/journal/facts.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import { resumed as resumedLine, run as runLine } from './told.ts'

test('a run is told by its first line, its plan and its end', () => {
  const facts = factsOf([
    run,
    {
      t: 'planned',
      at: 1200,
      objects: 12,
      invalid: 1,
      files: [
        {
          path: 'in.csv',
          bytes: 10,
          sha256: 'bb',
          format: 'csv',
          encoding: 'utf-8',
          delimiter: ',',
          packing: null,
          shapes: {},
          rows: 12,
          header: { base64: 'Wm/r' },
        },
      ],
      types: {},
    },
    { t: 'end', at: 9000, status: 'finished', stop: null, waitedForLanesMs: 3 },
  ])
  expect(facts).toMatchObject({
    run: 'r1',
    version: '0.1.0',
    target: 'https://rest.test',
    limitPerMinute: 500,
    startedAt: 1000,
    finishedAt: 9000,
    status: 'finished',
    stop: null,
    inputs: run.inputs,
    activeMs: 8000,
    resumes: 0,
    waitedForLanesMs: 3,
  })
  expect(facts.planned?.objects).toBe(12)
  expect(Buffer.from(facts.planned?.files[0]?.header ?? [])).toEqual(Buffer.from([0x5a, 0x6f, 0xeb]))
})

test('requests are counted: sent, answered, tried again, turned back, first and last', () => {
  const { requests } = factsOf([
    run,
    sent(2000, 0, 1),
    { t: 'answered', at: 2100, seq: 0, status: 429, ms: 12.4 },
    sent(2200, 1, 1),
    { t: 'lost', at: 2300, seq: 1, reason: 'ECONNREFUSED', sent: false, ms: 1 },
    sent(2400, 0, 2),
    { t: 'answered', at: 2500, seq: 0, status: 201, ms: 80, outcome: 'verified' },
    sent(2600, 1, 2),
    { t: 'answered', at: 2700, seq: 1, status: 400, ms: 80, outcome: 'rejected' },
  ])
  const { latency, ...figures } = requests
  expect(figures).toEqual({
    sent: 4,
    answered: 3,
    retried: 2,
    rateLimited: 1,
    coalesced: 0,
    gaps: 3,
    gapsMs: 600,
  })
  expect([latency[12], latency[80], latency.reduce((sum, count) => sum + count, 0)]).toEqual([1, 2, 3])
})

test('an answer that took longer than anything expected is counted in the last place', () => {
  const { latency } = factsOf([run, { t: 'answered', at: 2, seq: 0, status: 201, ms: 9e9 }]).requests
  expect(latency.at(-1)).toBe(1)
})

test('a run that was killed has no status, and is over with its last line', () => {
  const facts = factsOf([run, sent(5000, 0, 1)])
  expect([facts.status, facts.planned, facts.finishedAt]).toEqual([null, null, 5000])
})

test('a run that stopped says why', () => {
  const stop = { exit: 'refused' as const, message: 'No.', next: 'Check the key.' }
  const facts = factsOf([run, { t: 'end', at: 9, status: 'stopped', stop, waitedForLanesMs: 0 }])
  expect([facts.status, facts.stop]).toEqual(['stopped', stop])
})

test('the flags that a resume needs are data, also where an older version wrote them as they are typed', () => {
  const stop = { exit: 'stopped' as const, message: 'No.' }
  const stopOf = (resumeWith: string | Record<string, string>) => {
    const end = { t: 'end' as const, at: 9, status: 'stopped' as const, waitedForLanesMs: 0 }
    return factsOf([run, { ...end, stop: { ...stop, resumeWith } }]).stop
  }
  const data = { ...stop, resumeWith: { 'max-errors': '40' } }
  expect([stopOf('--max-errors 40'), stopOf({ 'max-errors': '40' })]).toEqual([data, data])
  expect(stopOf('rm -rf /')).toEqual(stop)
})

test('the time between two processes is neither work nor a gap between requests', () => {
  const { activeMs, resumes, startedAt, finishedAt, status, requests } = factsOf([
    run,
    sent(2000, 0, 1),
    sent(2100, 1, 1),
    { t: 'end', at: 3000, status: 'interrupted', stop: null, waitedForLanesMs: 0 },
    { ...resumedLine, at: 900_000 },
    sent(900_100, 1, 2),
    sent(900_300, 2, 1),
  ])
  expect({ activeMs, resumes, startedAt, finishedAt, status }).toEqual({
    activeMs: 2300,
    resumes: 1,
    startedAt: 1000,
    finishedAt: 900_300,
    status: null,
  })
  expect([requests.gaps, requests.gapsMs]).toEqual([2, 300])
})

test('rows that ride in the request of another are counted, and are no requests', () => {
  const { requests } = factsOf([
    run,
    sent(2000, 0, 1),
    { ...sent(2000, 1, 1), with: 0 },
    { t: 'answered', at: 2100, seq: 0, status: 201, ms: 80, outcome: 'verified' },
    { t: 'answered', at: 2100, seq: 1, with: 0, status: 201, ms: 80, outcome: 'verified' },
  ])
  expect([requests.sent, requests.answered, requests.coalesced]).toEqual([1, 1, 1])
})

const run = { ...runLine, at: 1000 }

function sent(at: number, seq: number, attempt: number): Entry & { t: 'sent' } {
  return { t: 'sent', at, seq, attempt }
}

function factsOf(entries: Entry[]): RunFacts {
  const gathering = new Facts()
  for (const entry of entries) gathering.add(entry)
  return gathering.facts
}
