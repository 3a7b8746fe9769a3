import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { JournalWriter } from '../../src/journal/writer.ts'
import type { RunEntry } from '../../src/journal/entry.ts'
import { createJournal } from '../../src/journal/file.ts'
import { openJournal } from '../../src/journal/reader.ts'
import { readAccounts } from '../../src/journal/accounts.ts'
import { RunState } from '../../src/journal/run-state.ts'
import type { PlannedRun } from '../../src/model/plan.ts'
import { problem } from '../../src/model/problem.ts'
import type { Stop } from '../../src/model/exit.ts'
import { answered, now, planFile, trackObject } from '../support/build.ts'
import { linesIn, listOf, temporaryFolder } from './temporary.ts'

const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
const head = {
  run: 'r1',
  target: 'https://rest.test',
  url: 'https://rest.test/',
  key,
  settings: { rate: 500 },
  limitPerMinute: 500,
  inputs: ['in.csv'],
  cwd: '/tmp',
  mapping: null,
}
const planned: PlannedRun = {
  files: [planFile({ header: Buffer.from('id,plan') })],
  objects: 3,
  invalid: 1,
  types: { plan: 'string' },
}

test('a run that was written down is told again, object by object', async () => {
  const { writer, path } = await newJournalWriter()
  const [first, second, third] = [object(0), object(1), object(2)]
  writer.begin(head)
  writer.planned(planned)
  await writer.sending([{ object: first, attempt: 1, first: true }])
  writer.failed([first], answered(429, ''))
  await writer.sending([{ object: first, attempt: 2, first: false }])
  const end = { outcome: 'verified', reasons: ['exact'], user: null, message: '' } as const
  writer.settled(first, first, answered(201, {}), { ...end, reasons: ['exact'] })
  writer.invalid({
    ...second,
    problems: [problem('field_type', 'No number.'), problem('field_value', 'Too long.')],
  })
  writer.unsent(third, 'held', 'waits for row 1')
  await writer.end(null, { waitedForLanesMs: 70, unread: 0 })

  const state = await stateOf(path)
  const { facts } = state
  const accounts = await listOf(readAccounts(state, readers => openJournal(path, readers)))
  expect(accounts.map(one => [one.outcome, one.reason, one.message, one.attempts])).toEqual([
    ['verified', '', '', 2],
    ['invalid', 'field_type', 'No number. Too long.', 0],
    ['held', 'held', 'waits for row 1', 0],
  ])
  expect([facts.status, facts.requests.sent, facts.requests.rateLimited]).toEqual(['finished', 2, 1])
  expect([facts.planned, facts.waitedForLanesMs]).toEqual([planned, 70])
})

/** Nobody waited, and all was read. */
const nothing = { waitedForLanesMs: 0, unread: 0 }

test('a request may leave only once its line is in the file', async () => {
  const { writer, path } = await newJournalWriter()
  await writer.sending([{ object: object(0), attempt: 1, first: true }])
  expect(readFileSync(path, 'utf8')).toContain('"t":"sent"')
  await writer.end(null, nothing)
})

test('the key is never in the journal; its fingerprint tells one key from another', async () => {
  const fingerprints: string[] = []
  for (const one of [key, key, `${key}x`]) {
    const { writer, path } = await newJournalWriter()
    writer.begin({ ...head, key: one })
    await writer.sending([{ object: object(0), attempt: 1, first: true }])
    await writer.end({ exit: 'refused', message: 'https://rest.test answered 401' }, nothing)
    expect(readFileSync(path, 'utf8')).not.toContain(key)
    const [line] = await linesIn(path)
    const entry = line?.entry as RunEntry
    fingerprints.push(entry.keyFingerprint)
  }
  const [first, same, other] = fingerprints
  expect(first).toMatch(/^[0-9a-f]{16}$/)
  expect(same).toBe(first)
  expect(other).not.toBe(first)
})

describe('the end of a run says how its process left it', () => {
  const stops: [string, Stop | null][] = [
    ['finished', null],
    ['stopped', { exit: 'stopped', message: 'Too many errors.' }],
    ['stopped', { exit: 'refused', message: 'No.' }],
    ['interrupted', { exit: 'interrupted', message: 'Interrupted.' }],
    ['interrupted', { exit: 'terminated', message: 'Terminated.' }],
  ]
  test.each(stops)('%s', async (status, stop) => {
    const { writer, path } = await newJournalWriter()
    writer.begin(head)
    await writer.end(stop, nothing)
    const line = (await linesIn(path)).at(-1)
    expect(line?.entry).toEqual({ t: 'end', at: now, status, stop, waitedForLanesMs: 0 })
  })
})

async function newJournalWriter(): Promise<{ writer: JournalWriter; path: string }> {
  const path = join(await temporaryFolder(), 'journal.ndjson')
  return { writer: new JournalWriter(await createJournal(path, () => {}), () => now), path }
}

async function stateOf(path: string): Promise<RunState> {
  const state = new RunState()
  for (const line of await linesIn(path)) state.add(line)
  state.close()
  return state
}

function object(seq: number) {
  return trackObject('attributes', { external_id: `u${seq}`, plan: 'gold' }, { seq })
}
