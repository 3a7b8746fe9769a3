import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Book } from '../../src/journal/writer.ts'
import type { RunEntry } from '../../src/journal/entry.ts'
import { createJournal } from '../../src/journal/file.ts'
import { openJournal } from '../../src/journal/reader.ts'
import { replay } from '../../src/journal/accounts.ts'
import { Standing } from '../../src/journal/run-state.ts'
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
  const { book, path } = await newBook()
  const [first, second, third] = [object(0), object(1), object(2)]
  book.begin(head)
  book.planned(planned)
  await book.sending([{ object: first, attempt: 1, first: true }])
  book.failed([first], answered(429, ''))
  await book.sending([{ object: first, attempt: 2, first: false }])
  const end = { outcome: 'verified', reasons: ['exact'], user: null, message: '' } as const
  book.settled(first, first, answered(201, {}), { ...end, reasons: ['exact'] })
  book.invalid({
    ...second,
    problems: [problem('field_type', 'No number.'), problem('field_value', 'Too long.')],
  })
  book.unsent(third, 'held', 'waits for row 1')
  await book.end(null, { waitedForLanesMs: 70, unread: 0 })

  const standing = await standingOf(path)
  const { facts } = standing
  const accounts = await listOf(replay(standing, readers => openJournal(path, readers)))
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
  const { book, path } = await newBook()
  await book.sending([{ object: object(0), attempt: 1, first: true }])
  expect(readFileSync(path, 'utf8')).toContain('"t":"sent"')
  await book.end(null, nothing)
})

test('the key is never in the journal; its fingerprint tells one key from another', async () => {
  const fingerprints: string[] = []
  for (const one of [key, key, `${key}x`]) {
    const { book, path } = await newBook()
    book.begin({ ...head, key: one })
    await book.sending([{ object: object(0), attempt: 1, first: true }])
    await book.end({ exit: 'refused', message: 'https://rest.test answered 401' }, nothing)
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
    const { book, path } = await newBook()
    book.begin(head)
    await book.end(stop, nothing)
    const line = (await linesIn(path)).at(-1)
    expect(line?.entry).toEqual({ t: 'end', at: now, status, stop, waitedForLanesMs: 0 })
  })
})

async function newBook(): Promise<{ book: Book; path: string }> {
  const path = join(await temporaryFolder(), 'journal.ndjson')
  return { book: new Book(await createJournal(path, () => {}), () => now), path }
}

async function standingOf(path: string): Promise<Standing> {
  const standing = new Standing()
  for (const line of await linesIn(path)) standing.add(line)
  standing.close()
  return standing
}

function object(seq: number) {
  return trackObject('attributes', { external_id: `u${seq}`, plan: 'gold' }, { seq })
}
