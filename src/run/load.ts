import { join } from 'node:path'
import { readAccounts } from '../journal/accounts.ts'
import { type Baseline, readBaseline } from '../journal/baseline.ts'
import { journalName } from '../journal/folder.ts'
import { openJournal, readJournal } from '../journal/reader.ts'
import { type OnEnd, readState, RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { TrackSyncError } from '../model/problem.ts'
import { checkFolder } from './checked-calls.ts'

/**
 * The state of the run of a folder; where its journal is damaged, as far as it can be read. Once the signal is aborted it
 * throws the signal's reason.
 */
export async function loadState(folder: string, onEnd?: OnEnd, signal?: AbortSignal): Promise<RunState> {
  const state = new RunState(onEnd)
  await readJournal(join(folder, journalName), lines => readState(until(signal, lines), state))
  return state
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
  const message = `\`skip-unchanged\`: ${folder} was sent to ${state.run?.target ?? 'an unknown host'}, but this run goes to ${target}.`
  throw new TrackSyncError('settings_invalid', message, {
    field: 'skip-unchanged',
    expected: `a run to ${target}`,
    came: state.run?.target ?? 'no run',
  })
}
