import { join } from 'node:path'
import { journalName } from '../journal/folder.ts'
import { readJournal } from '../journal/read.ts'
import { replay } from '../journal/replay.ts'
import { type Ended, Standing } from '../journal/standing.ts'
import type { Account } from '../model/account.ts'

/** Where the run of a folder stands. */
export async function stand(folder: string, ended?: Ended): Promise<Standing> {
  const standing = new Standing(ended)
  for await (const line of readJournal(join(folder, journalName))) standing.add(line)
  standing.close()
  return standing
}

/** Its objects, as its journal has them, in input order. */
export function accountsOf(folder: string, standing: Standing): AsyncIterable<Account> {
  return replay(standing, leg => readJournal(join(folder, journalName), leg))
}
