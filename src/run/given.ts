import { join } from 'node:path'
import type { RunEntry } from '../journal/entry.ts'
import { journalName } from '../journal/folder.ts'
import { readJournal } from '../journal/read.ts'
import { readVerified, type Verified } from '../journal/verified.ts'
import { TrackSyncError } from '../model/problem.ts'
import { fingerprint, openSources } from '../parse/open.ts'

/** The mapping file and what it holds, so that a resume can tell whether it has changed. */
export async function mappingFile(path: string | undefined): Promise<RunEntry['mapping']> {
  const [source] = path === undefined ? [] : await openSources([path])
  return source === undefined ? null : { path: source.name, sha256: (await fingerprint(source)).sha256 }
}

/** What the run of a folder verified; nothing where none was named. What one host holds says nothing of another. */
export async function verifiedBy(folder: string | undefined, target: string): Promise<Verified | null> {
  if (folder === undefined) return null
  const { verified, standing } = await readVerified(readJournal(join(folder, journalName)))
  if (standing.run?.target === target) return verified
  const message = `\`skip-unchanged\`: ${folder} was sent to ${standing.run?.target ?? 'nobody'}, this run goes to ${target}.`
  throw new TrackSyncError('settings_invalid', message, {
    field: 'skip-unchanged',
    expected: `a run to ${target}`,
    came: standing.run?.target ?? 'no run',
  })
}
