import type { Entry, RunEntry } from '../../src/journal/entry.ts'
import { journalStart, type Line, type Part, type Point } from '../../src/journal/line.ts'
import { readAccounts } from '../../src/journal/accounts.ts'
import { type OnEnd, RunState } from '../../src/journal/run-state.ts'
import type { Account } from '../../src/model/account.ts'
import { now } from '../support/build.ts'
import { listOf } from './temporary.ts'

/** The first line of every journal. */
export const run: RunEntry = {
  t: 'run',
  at: now,
  journal: 1,
  run: 'r1',
  version: '0.1.0',
  target: 'https://rest.test',
  url: 'https://rest.test/',
  keyFingerprint: 'aa',
  settings: {},
  limitPerMinute: 500,
  inputs: ['in.csv'],
  cwd: '/tmp',
  mapping: null,
}

/** The line that every journal has before the first that is about an object. */
export const planned: Entry = { t: 'planned', at: now, objects: 100_000, invalid: 0, files: [], types: {} }

export const resumed: Entry = {
  t: 'resumed',
  at: now + 1000,
  version: '0.1.0',
  keyFingerprint: 'aa',
  settings: {},
  limitPerMinute: 500,
}

/** Entries as lines of a file: each takes a hundred bytes. */
export function linesOf(entries: readonly Entry[]): Line[] {
  return entries.map((entry, i) => ({ entry, from: point(i), to: point(i + 1) }))
}

function point(line: number): Point {
  return { ...journalStart, line, byte: line * 100 }
}

/** The state of a run after these entries; the first two lines are put in front. */
export function stateOf(entries: readonly Entry[], onEnd?: OnEnd): RunState {
  const state = new RunState(onEnd)
  for (const line of linesOf([run, planned, ...entries])) state.add(line)
  state.close()
  return state
}

/** The accounts of a run with these entries behind its first two lines; `read` is told of every line that is read. */
export async function told(entries: readonly Entry[], read = () => {}): Promise<Account[]> {
  return await listOf(accounts(entries, read))
}

export function accounts(entries: readonly Entry[], read = () => {}): AsyncGenerator<Account> {
  const lines = linesOf([run, planned, ...entries])
  async function* part({ from, to }: Part): AsyncGenerator<Line> {
    for (const line of lines.slice(from.line, to.line)) {
      read()
      yield line
    }
  }
  const whole = { from: point(0), to: point(lines.length) }
  const journal = { lines: (leg: Part = whole) => part(leg), close: async () => {} }
  return readAccounts(stateOf(entries), async () => journal)
}
