import { join } from 'node:path'
import { replay } from '../journal/accounts.ts'
import { readVerified, type Verified } from '../journal/baseline.ts'
import { journalName } from '../journal/folder.ts'
import { openJournal, readJournal } from '../journal/reader.ts'
import { type Ended, Standing, takeUp } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { TrackSyncError } from '../model/problem.ts'
import { checkFolder } from './checked-calls.ts'

/**
 * Where the run of a folder stands; where its journal is damaged, as far as that can be told. Once the signal is aborted it
 * throws the signal's reason.
 */
export async function stand(folder: string, ended?: Ended, signal?: AbortSignal): Promise<Standing> {
  const standing = new Standing(ended)
  await readJournal(join(folder, journalName), lines => takeUp(until(signal, lines), standing))
  return standing
}

/** Its objects, as its journal has them, in input order. Once the signal is aborted it throws the signal's reason. */
export function accountsOf(folder: string, standing: Standing, signal?: AbortSignal): AsyncIterable<Account> {
  return until(
    signal,
    replay(standing, readers => openJournal(join(folder, journalName), readers)),
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
export async function verifiedBy(folder: string | undefined, target: string): Promise<Verified | null> {
  if (folder === undefined) return null
  checkFolder(folder, 'skipUnchanged')
  const { verified, standing } = await readJournal(join(folder, journalName), readVerified)
  if (standing.run?.target === target) return verified
  const message = `\`skip-unchanged\`: ${folder} was sent to ${standing.run?.target ?? 'an unknown host'}, but this run goes to ${target}.`
  throw new TrackSyncError('settings_invalid', message, {
    field: 'skip-unchanged',
    expected: `a run to ${target}`,
    came: standing.run?.target ?? 'no run',
  })
}
