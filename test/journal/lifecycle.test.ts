import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { createJournal } from '../../src/journal/file.ts'
import { Lifecycle, type ObjectLine } from '../../src/journal/lifecycle.ts'
import { exchangeLine, refusedLine, sentLine } from '../../src/journal/to-entry.ts'
import { JournalWriter } from '../../src/journal/writer.ts'
import { replays } from '../../src/braze/idempotency.ts'
import { answered, now, trackObject } from '../support/build.ts'
import { listOf, temporaryFolder } from './temporary.ts'
import { accounts, resumed, stateOf } from './told.ts'
import { join } from 'node:path'

const object = (seq: number) => trackObject('attributes', { external_id: `u${seq}`, plan: 'gold' }, { seq })
const sent = (seq: number, attempt = 1, first = attempt === 1) =>
  sentLine({ object: object(seq), attempt, first }, now)
const lost = (seq: number, isSent: boolean) =>
  exchangeLine(seq, { ...answered(503, {}), result: { lost: { sent: isSent, reason: 'ECONNRESET' } } }, now)
const limited = (seq: number) => exchangeLine(seq, answered(429, ''), now)
const verified = (seq: number) =>
  exchangeLine(seq, answered(201, {}), now, seq, {
    outcome: 'verified',
    reasons: ['exact'],
    user: null,
    message: '',
  })
const refused = (seq: number) => refusedLine(object(seq), 'held', 'held', '', now)

describe('a line that cannot follow those before it', () => {
  test.each<[string, ObjectLine[], ObjectLine, string | undefined]>([
    ['a first attempt', [], sent(0), undefined],
    ['a first attempt without its object', [], sent(0, 2, false), 'its object is not known'],
    ['a response to nothing', [], verified(0), 'it is not in flight'],
    ['a response', [sent(0)], verified(0), undefined],
    ['a second response', [sent(0), limited(0)], limited(0), 'it is not in flight'],
    ['a retry', [sent(0), limited(0)], sent(0, 2), undefined],
    ['a retry of what is in flight', [sent(0)], sent(0, 2), 'it is in flight already'],
    ['an end of what is in flight', [sent(0)], refused(0), 'it is in flight'],
    ['an end between two attempts', [sent(0), limited(0)], refused(0), undefined],
    ['a second end', [sent(0), verified(0)], verified(0), 'it is not in flight'],
    ['a line of another object', [sent(0)], verified(1), 'it is not in flight'],
  ])('%s', async (_name, before, line, misfit) => {
    const lifecycle = new Lifecycle()
    for (const one of before) lifecycle.take(one)
    expect(lifecycle.misfit(line)).toBe(misfit)
  })

  test('is not written', async () => {
    const path = join(await temporaryFolder(), 'journal.ndjson')
    const writer = new JournalWriter(await createJournal(path, () => {}), () => now)
    const one = object(0)
    const end = { outcome: 'verified', reasons: ['exact'], user: null, message: '' } as const
    const settle = () => writer.settled(one, one, answered(201, {}), { ...end, reasons: ['exact'] })
    expect(settle).toThrow('it is not in flight')
    await writer.sending([{ object: one, attempt: 1, first: true }])
    settle()
    expect(settle).toThrow('it is not in flight')
    await writer.close()
  })
})

describe('where the process is gone', () => {
  test.each<[string, ObjectLine[], string]>([
    ['in flight', [sent(0)], 'unknown'],
    ['in flight again', [sent(0), limited(0), sent(0, 2)], 'unknown'],
    ['turned back', [sent(0), limited(0)], 'not_sent'],
    ['certainly not sent', [sent(0), lost(0, false)], 'not_sent'],
    ['in doubt', [sent(0), lost(0, true)], 'unknown'],
    ['in doubt, then turned back', [sent(0), lost(0, true), sent(0, 2), limited(0)], 'unknown'],
  ])('what was %s is %s', (_name, lines, outcome) => {
    const lifecycle = new Lifecycle()
    for (const line of lines) lifecycle.take(line)
    expect(lifecycle.abandon()).toMatchObject([{ seq: 0, outcome, line: null }])
    expect(lifecycle.abandon()).toEqual([])
  })
})

/** Any life: the steps that the machine allows, drawn by chance, with processes that die in between. */
const someSteps = fc.array(
  fc.record({ seq: fc.nat({ max: 5 }), what: fc.nat({ max: 6 }), dies: fc.integer({ min: 0, max: 9 }) }),
  { maxLength: 60 },
)

test('resume and report see the same end of every object, whatever happened to it and to its process', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, async steps => {
      const entries = possibleLines(steps)
      const state = stateOf(entries)
      const told = await listOf(accounts(entries))
      const ends = new Map(told.map(({ seq, outcome }) => [seq, outcome]))
      for (let seq = 0; seq <= 5; seq++) {
        expect(ends.get(seq)).toBe(state.outcomes.outcome(seq))
        const attempts = told.find(account => account.seq === seq)?.attempts
        if (attempts !== undefined && state.earlier(seq) !== undefined)
          expect(attempts).toBe(state.earlier(seq)?.attempts)
        for (const replay of replays)
          if (ends.get(seq) === 'verified') expect(state.isOpen(seq, replay)).toBe(false)
      }
    }),
    { numRuns: 300 },
  )
})

/** The lines of a journal that a writer would have let through; an object that has ended comes up no more. */
function possibleLines(steps: readonly { seq: number; what: number; dies: number }[]): Entry[] {
  const entries: Entry[] = []
  let lifecycle = new Lifecycle()
  const attempts = new Map<number, number>()
  const over = new Set<number>()
  for (const { seq, what, dies } of steps) {
    const attempt = (attempts.get(seq) ?? 0) + 1
    const isFirst = lifecycle.get(seq) === undefined
    const choices = [sent(seq, attempt, isFirst), sent(seq, attempt, isFirst), limited(seq), lost(seq, true)]
    const line = [...choices, lost(seq, false), verified(seq), refused(seq)][what]
    if (line === undefined || over.has(seq) || lifecycle.misfit(line) !== undefined) continue
    if (line.t === 'sent') attempts.set(seq, attempt)
    const doubts = lifecycle.get(seq)?.doubts ?? 0
    // What may have been applied is never refused without saying so.
    if (line.t === 'refused' && doubts > 0) continue
    lifecycle.take(line)
    entries.push(line)
    if ('outcome' in line && line.outcome !== undefined) over.add(seq)
    if (dies > 0) continue
    // A process dies, and the next goes on with what may be sent again.
    for (const ended of lifecycle.abandon()) if (ended.outcome === 'unknown') over.add(ended.seq)
    lifecycle = new Lifecycle()
    entries.push(resumed)
  }
  return entries
}
