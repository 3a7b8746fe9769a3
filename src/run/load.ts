import { join } from 'node:path'
import { readAccounts } from '../journal/accounts.ts'
import { type Baseline, readBaseline } from '../journal/baseline.ts'
import { journalName } from '../journal/folder.ts'
import type { Line } from '../journal/line.ts'
import { openJournal, readJournal } from '../journal/reader.ts'
import { type OnEnd, readState, RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { TrackSyncError } from '../model/problem.ts'
import { Memory, recall } from '../reconcile/reconcile.ts'
import { lessonsOf } from './before.ts'
import { hasSnapshot, readBefore } from './before-file.ts'
import { checkFolder } from './checked-calls.ts'
import { Befores } from './settle-unknown.ts'
import { readingsOf } from './survey.ts'

/**
 * The state of the run of a folder; where its journal is damaged, as far as it can be read. Once the signal is aborted it
 * throws the signal's reason.
 */
export async function loadState(folder: string, onEnd?: OnEnd, signal?: AbortSignal): Promise<RunState> {
  const state = new RunState(onEnd)
  await readJournal(join(folder, journalName), lines => readState(until(signal, lines), state))
  return state
}

/** What a resume has to know of a run: its state, what its responses and its snapshot showed. */
export async function recallRun(
  folder: string,
): Promise<{ state: RunState; memory: Memory; befores: Befores }> {
  const memory = new Memory()
  const befores = new Befores()
  const state = new RunState(({ seq, object, line, outcome, before }, run) => {
    if (outcome === 'unknown') befores.note(seq, object, memory)
    else befores.forget(seq)
    // What a later look adds was taught by the response before.
    if (line !== null && before === undefined) recall(object, line, memory, readingsOf(run?.settings ?? {}))
  })
  await readJournal(join(folder, journalName), async lines => {
    await readState(hasSnapshot(folder) ? withSnapshot(lines, folder, memory) : lines, state)
  })
  return { state, memory, befores }
}

/** By so much the clock may have been set back between a look and the request that followed it. */
const setBackMs = 600_000

/**
 * What the snapshot shows is learned along with the journal, in the order in which it was: the memory has room for the
 * latest only, and those are the rows that are next.
 */
async function* withSnapshot(
  lines: AsyncIterable<Line>,
  folder: string,
  memory: Memory,
): AsyncGenerator<Line, undefined> {
  const befores = readBefore(folder)
  try {
    let next = await befores.next()
    const learnUntil = async (at: number) => {
      for (; next.done !== true && next.value.at <= at; next = await befores.next())
        for (const { sightings, ...of } of lessonsOf(next.value)) {
          // What a response has shown since is newer.
          const unknown = sightings.filter(({ name }) => memory.last(of.user, of.kind, name) === undefined)
          memory.learn({ ...of, sightings: unknown })
        }
    }
    for await (const line of lines) {
      const latest = line.entry.at + setBackMs
      if (next.done !== true && next.value.at <= latest) await learnUntil(latest)
      yield line
    }
    await learnUntil(Number.POSITIVE_INFINITY)
  } finally {
    await befores.return(undefined)
  }
}

/** Its objects, as its journal has them, in input order. Once the signal is aborted it throws the signal's reason. */
export function accountsOf(folder: string, state: RunState, signal?: AbortSignal): AsyncIterable<Account> {
  return until(
    signal,
    readAccounts(state, readers => openJournal(join(folder, journalName), readers)),
  )
}

async function* until<Item>(
  signal: AbortSignal | undefined,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item, undefined> {
  for await (const item of items) {
    signal?.throwIfAborted()
    yield item
  }
  return undefined
}

/** What the run of a folder verified; nothing where none was named. What one host holds says nothing of another. */
export async function baselineOf(folder: string | undefined, target: string): Promise<Baseline | null> {
  if (folder === undefined) return null
  checkFolder(folder, 'skipUnchanged')
  const { baseline, state } = await readJournal(join(folder, journalName), readBaseline)
  if (state.run?.target === target) return baseline
  const how = state.facts.isAudit ? 'compared with' : 'sent to'
  const message = `\`skip-unchanged\`: ${folder} was ${how} ${state.run?.target ?? 'an unknown host'}, but this run goes to ${target}.`
  throw new TrackSyncError('settings_invalid', message, {
    field: 'skip-unchanged',
    expected: `a run to ${target}`,
    came: state.run?.target ?? 'no run',
  })
}
