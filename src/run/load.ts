import { join } from 'node:path'
import { readAccounts } from '../journal/accounts.ts'
import { type Baseline, readBaseline } from '../journal/baseline.ts'
import { journalName } from '../journal/folder.ts'
import { openJournal, readJournal } from '../journal/reader.ts'
import { type OnEnd, readState, RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { TrackSyncError } from '../model/problem.ts'
import { Memory, recall } from '../reconcile/reconcile.ts'
import { recallBefore } from './before.ts'
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
  await recallBefore(folder, memory)
  const state = await loadState(folder, ({ seq, object, line, outcome, before }, run) => {
    if (outcome === 'unknown') befores.note(seq, object, memory)
    else befores.forget(seq)
    // What a later look adds was taught by the response before.
    if (line !== null && before === undefined) recall(object, line, memory, readingsOf(run?.settings ?? {}))
  })
  return { state, memory, befores }
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
