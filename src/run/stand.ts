import { join } from 'node:path'
import { journalName } from '../journal/folder.ts'
import { readJournal } from '../journal/read.ts'
import { replay } from '../journal/replay.ts'
import { type Ended, Standing } from '../journal/standing.ts'
import type { Account } from '../model/account.ts'

/** Where the run of a folder stands. Once the signal is aborted it throws the signal's reason. */
export async function stand(folder: string, ended?: Ended, signal?: AbortSignal): Promise<Standing> {
  const standing = new Standing(ended)
  for await (const line of readJournal(join(folder, journalName))) {
    signal?.throwIfAborted()
    standing.add(line)
  }
  standing.close()
  return standing
}

/** Its objects, as its journal has them, in input order. Once the signal is aborted it throws the signal's reason. */
export function accountsOf(folder: string, standing: Standing, signal?: AbortSignal): AsyncIterable<Account> {
  const accounts = replay(standing, leg => readJournal(join(folder, journalName), leg))
  return signal === undefined ? accounts : until(signal, accounts)
}

async function* until(signal: AbortSignal, accounts: AsyncIterable<Account>): AsyncGenerator<Account> {
  for await (const account of accounts) {
    signal.throwIfAborted()
    yield account
  }
}
