import type { Entry, RunEntry } from '../../src/journal/entry.ts'
import type { Line } from '../../src/journal/read.ts'
import { replay } from '../../src/journal/replay.ts'
import { type Ended, type Leg, Standing } from '../../src/journal/standing.ts'
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
  return entries.map((entry, i) => ({ entry, from: i * 100, to: (i + 1) * 100 }))
}

/** Where a run stands after these entries; the first line is put in front. */
export function standingOf(entries: readonly Entry[], ended?: Ended): Standing {
  const standing = new Standing(ended)
  for (const line of linesOf([run, ...entries])) standing.add(line)
  standing.close()
  return standing
}

/** The accounts of a run with these entries behind its first line; `read` is told of every line that is read. */
export async function told(entries: readonly Entry[], read = () => {}): Promise<Account[]> {
  return await listOf(accounts(entries, read))
}

export function accounts(entries: readonly Entry[], read = () => {}): AsyncGenerator<Account> {
  const lines = linesOf([run, ...entries])
  async function* part({ from, to }: Leg): AsyncGenerator<Line> {
    for (const line of lines.slice(from / 100, to / 100)) {
      read()
      yield line
    }
  }
  return replay(standingOf(entries), part)
}
