import { join } from 'node:path'
import { journalName } from '../journal/folder.ts'
import { openJournal, readJournal } from '../journal/read.ts'
import { replay } from '../journal/replay.ts'
import { type Ended, Standing, takeUp } from '../journal/standing.ts'
import type { Account } from '../model/account.ts'

/** Where the run of a folder stands; where its journal is damaged, as far as that can be told. */
export async function stand(folder: string, ended?: Ended): Promise<Standing> {
  const standing = new Standing(ended)
  await readJournal(join(folder, journalName), lines => takeUp(lines, standing))
  return standing
}

/** Its objects, as its journal has them, in input order. */
export function accountsOf(folder: string, standing: Standing): AsyncIterable<Account> {
  return replay(standing, readers => openJournal(join(folder, journalName), readers))
}
