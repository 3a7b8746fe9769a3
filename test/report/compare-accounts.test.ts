import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import { Digests } from '../../src/model/digests.ts'
import { reasons, type ReasonCode } from '../../src/model/verdict.ts'
import type { Changed } from '../../src/report/changes.ts'
import { compareAccounts } from '../../src/report/compare.ts'
import { account, streamOf } from '../support/build.ts'

/** One object a user: what is said of each field. */
type Row = [user: string, said: Record<string, ReasonCode>]

function attributes(rows: Row[]): Account[] {
  return rows.map(([user, said], seq) =>
    account({
      seq,
      row: seq + 1,
      user: JSON.stringify({ external_id: user }),
      body: { external_id: user, ...said },
      echoed: null,
      reasons: Object.values(said),
    }),
  )
}

async function compared(before: Account[], now: Account[], table?: Digests) {
  const found: Changed[] = []
  const counts = await compareAccounts(
    () => streamOf(before),
    () => streamOf(now),
    async changed => {
      found.push(changed)
    },
    table,
  )
  const lines = found.map(({ change, account: { row, user }, value, before: then }) => {
    return [change, row, Object.values(JSON.parse(user) as object)[0], value.field, value.reason, then]
  })
  return { counts, lines }
}

describe('two runs', () => {
  test('differ in what is newly different, repaired, still different, or no longer to be seen', async () => {
    const before = attributes([
      ['a', { plan: 'exact', note: 'string_too_long' }],
      ['b', { plan: 'unexplained', note: 'exact' }],
      ['c', { plan: 'unexplained', city: 'unexplained' }],
    ])
    const now = attributes([
      ['b', { plan: 'exact', note: 'string_truncated' }],
      ['a', { plan: 'exact', note: 'string_too_long' }],
      ['c', { plan: 'answer_lost' }],
      ['d', { plan: 'unexplained' }],
    ])
    const { counts, lines } = await compared(before, now)
    expect(lines).toEqual([
      ['not_compared', 3, 'c', 'city', 'unexplained', 'unexplained'],
      ['repaired', 1, 'b', 'plan', 'exact', 'unexplained'],
      ['newly_different', 1, 'b', 'note', 'string_truncated', 'exact'],
      ['still_different', 2, 'a', 'note', 'string_too_long', 'string_too_long'],
      ['not_compared', 3, 'c', 'plan', 'answer_lost', 'unexplained'],
      ['newly_different', 4, 'd', 'plan', 'unexplained', null],
    ])
    expect(counts).toEqual({ newlyDifferent: 2, repaired: 1, stillDifferent: 1, notCompared: 2, leftOut: 0 })
  })

  test('are compared by the last row of a user, as the profile is written', async () => {
    const before = attributes([
      ['a', { plan: 'unexplained' }],
      ['a', { plan: 'exact' }],
      ['b', { plan: 'exact' }],
      ['b', { plan: 'unexplained' }],
    ])
    const now = attributes([
      ['a', { plan: 'unexplained' }],
      ['b', { plan: 'unexplained' }],
      ['b', { plan: 'exact' }],
      ['a', { plan: 'unexplained' }],
    ])
    const { lines } = await compared(before, now)
    expect(lines).toEqual([
      ['repaired', 3, 'b', 'plan', 'exact', 'unexplained'],
      ['newly_different', 4, 'a', 'plan', 'unexplained', 'exact'],
    ])
  })

  test('have the same event where user, name and time are the same', async () => {
    const event = (seq: number, time: string, said: ReasonCode) =>
      account({
        seq,
        row: seq + 1,
        kind: 'events',
        body: { external_id: 'u1', name: 'opened', time, properties: { size: 1 } },
        echoed: null,
        reasons: [said, 'date_same_instant', 'details_not_echoed'],
      })
    const before = [event(0, '2024-01-01', 'count_unexpected'), event(1, '2024-01-02', 'event_counted')]
    const now = [event(0, '2024-01-02', 'count_unexpected'), event(1, '2024-01-01', 'event_counted')]
    const { lines } = await compared(before, now)
    expect(lines).toEqual([
      ['newly_different', 1, 'u1', 'name', 'count_unexpected', 'event_counted'],
      ['repaired', 2, 'u1', 'name', 'event_counted', 'count_unexpected'],
    ])
  })

  test('that are one and the same have nothing new', async () => {
    const run = attributes([['a', { plan: 'unexplained', note: 'exact' }]])
    expect((await compared(run, run)).counts).toMatchObject({
      newlyDifferent: 0,
      repaired: 0,
      stillDifferent: 1,
    })
  })

  test('that differ in more than there is room for say how much is left out', async () => {
    const many = attributes(Array.from({ length: 5000 }, (_, i) => [`u${i}`, { plan: 'unexplained' }]))
    const { counts } = await compared([], many, new Digests(4096))
    expect(counts.leftOut).toBe(5000 - 4096 * 0.75)
    expect(counts.newlyDifferent + counts.leftOut).toBe(5000)
  })
})

test('whatever two runs hold, each value is counted as if both were held whole', async () => {
  const said = fc.constantFrom<ReasonCode>('exact', 'unexplained', 'string_too_long', 'answer_lost')
  const row = fc.tuple(
    fc.constantFrom('a', 'b', 'c'),
    fc.dictionary(fc.constantFrom('x', 'y', 'z'), said, { noNullPrototype: true }),
  )
  const rows = fc.array(row, { maxLength: 12 }) as fc.Arbitrary<Row[]>
  await fc.assert(
    fc.asyncProperty(rows, rows, async (before, now) => {
      const { lines, counts } = await compared(attributes(before), attributes(now))
      const [then, today] = [lastOf(before), lastOf(now)]
      const expected = [...new Set([...then.keys(), ...today.keys()])].flatMap(key => {
        const change = changeOf(then.get(key), today.get(key))
        return change === undefined ? [] : [`${change} ${key}`]
      })
      expect(lines.map(([change, , user, field]) => `${change} ${user}.${field}`).toSorted()).toEqual(
        expected.toSorted(),
      )
      const { newlyDifferent, repaired, stillDifferent, notCompared } = counts
      expect(newlyDifferent + repaired + stillDifferent + notCompared).toBe(lines.length)
    }),
    { numRuns: 500 },
  )
})

function lastOf(rows: Row[]): Map<string, string> {
  return new Map(
    rows.flatMap(([user, said]) =>
      Object.entries(said).map(([field, reason]) => [`${user}.${field}`, reasons[reason].counts] as const),
    ),
  )
}

function changeOf(before: string | undefined, now: string | undefined): string | undefined {
  if (now === 'differ') return before === 'differ' ? 'still_different' : 'newly_different'
  if (before !== 'differ') return undefined
  return now === 'match' ? 'repaired' : 'not_compared'
}
