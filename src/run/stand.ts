import { join } from 'node:path'
import { journalName } from '../journal/folder.ts'
import { openJournal, readJournal } from '../journal/read.ts'
import { replay } from '../journal/replay.ts'
import { type Ended, Standing, takeUp } from '../journal/standing.ts'
import type { Account } from '../model/account.ts'

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
