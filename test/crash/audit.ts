import { dirname, join } from 'node:path'
import { readJournal } from '../../src/journal/reader.ts'
import { exits } from '../../src/model/exit.ts'
import { readCsv } from '../support/run-folder.ts'
import type { Known } from './host.ts'
import type { Scenario } from './scenarios.ts'

/** One row of the input; undefined where it is invalid, so that no host may ever see it. */
export interface ProofRow {
  token: number
  isValid: boolean
}

/** What a run tells that its host contradicts, row by row. */
export interface Findings {
  rows: number
  outcomes: Record<string, number>
  /** Written more than once where that does harm, or out of turn. */
  twice: string[]
  /** Not in the report exactly once and in its place, or not ended. */
  lost: string[]
  /** Told what is not so. */
  mislabelled: string[]
  /** The most objects whose answer a process may have lost when it was killed. */
  mostOpen: number
}

const accepted = ['verified', 'mismatched', 'unverifiable']
const refused = ['rejected', 'invalid', 'held', 'unchanged']

/** Holds what a run tells of each row against the account of its host. */
export async function audit(
  journal: string,
  rows: readonly ProofRow[],
  { isHarmlessTwice }: Scenario,
  known: (token: number) => Known,
  exitCode: number,
): Promise<Findings> {
  const told = readCsv(join(dirname(journal), 'rows.csv'))
  const deaths = await openAtDeaths(journal)
  const open = new Set(deaths.flatMap(one => [...one]))
  const found: Findings = {
    rows: rows.length,
    outcomes: {},
    twice: [],
    lost: [],
    mislabelled: [],
    mostOpen: Math.max(...deaths.map(({ size }) => size)),
  }
  if (told.length !== rows.length) found.lost.push(`${rows.length} rows, ${told.length} told`)
  for (const [i, { token, isValid }] of rows.entries()) {
    const { row, outcome = '' } = told[i] ?? {}
    const { applied, struck, late, undone } = known(token)
    const how = `${late ? ', behind a later one' : ''}${undone ? ', and then an earlier one' : ''}`
    const says = `row ${i + 1}: ${outcome}, written ${applied} times${how}`
    found.outcomes[outcome] = (found.outcomes[outcome] ?? 0) + 1
    if (late || undone || (applied > 1 && !isHarmlessTwice)) found.twice.push(says)
    if (row !== String(i + 1) || outcome === 'not_sent') found.lost.push(says)
    if (accepted.includes(outcome) && applied === 0) found.lost.push(says)
    if (refused.includes(outcome) && applied > 0) found.mislabelled.push(says)
    if (outcome === 'unknown' && !struck && !open.has(i)) found.mislabelled.push(`${says}, well answered`)
    if ((outcome === 'invalid') === isValid) found.mislabelled.push(says)
  }
  const expected = exitOf(found.outcomes)
  if (exitCode !== expected) found.mislabelled.push(`exit ${exitCode} in place of ${expected}`)
  return found
}

function exitOf(outcomes: Record<string, number>): number {
  const has = (...names: string[]) => names.some(name => (outcomes[name] ?? 0) > 0)
  if (has('unknown')) return exits.unknown.code
  return has('mismatched', 'rejected', 'invalid', 'held') ? exits.attention.code : exits.ok.code
}

/** Of each process, the objects whose request was on record and whose answer was not when it ended. */
async function openAtDeaths(journal: string): Promise<Set<number>[]> {
  const processes: Set<number>[] = []
  await readJournal(journal, async lines => {
    for await (const { entry } of lines) {
      if (entry.t === 'run' || entry.t === 'resumed') processes.push(new Set())
      if (entry.t === 'sent') processes.at(-1)?.add(entry.seq)
      if (entry.t === 'answered' || entry.t === 'lost' || entry.t === 'refused')
        processes.at(-1)?.delete(entry.seq)
    }
  })
  return processes
}
