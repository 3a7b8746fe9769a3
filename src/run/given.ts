import { join } from 'node:path'
import type { RunEntry } from '../journal/entry.ts'
import { journalName } from '../journal/folder.ts'
import { readJournal } from '../journal/read.ts'
import { readVerified, type Verified } from '../journal/verified.ts'
import type { Plan } from '../model/plan.ts'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { openOnDisk } from '../parse/open.ts'
import type { Sealed } from '../parse/seal.ts'
import { checkFolder } from './checked.ts'

/** The mapping file and what it holds, so that a resume can tell whether it has changed. */
export async function mappingFile(path: string | undefined): Promise<RunEntry['mapping']> {
  if (path === undefined) return null
  const { sha256 } = await (await openOnDisk(path)).fingerprint()
  return { path, sha256 }
}

/** A plan that was made before holds for the very bytes it was made of. */
export async function checkPlan(plan: Plan, sources: readonly Sealed[]): Promise<Plan> {
  if (plan.files.length !== sources.length) {
    const message = `The plan is of ${plan.files.length} files, and ${sources.length} are given.`
    throw new TrackSyncError('file_changed', message, {
      field: 'plan',
      expected: 'a plan of the very same files',
      came: `a plan of ${plan.files.length} files`,
      next: 'Start again, so that it is planned anew.',
    })
  }
  for (const [i, source] of sources.entries()) {
    const { sha256 } = await source.fingerprint()
    if (sha256 === plan.files[i]?.sha256) continue
    throw new TrackSyncError('file_changed', `${source.name} is not what it was when it was planned.`, {
      file: source.name,
      expected: plan.files[i]?.path ?? 'no file',
      next: nextSteps.again('Once nobody writes it any more, start again, so that it is planned anew.'),
    })
  }
  return plan
}

/** What the run of a folder verified; nothing where none was named. What one host holds says nothing of another. */
export async function verifiedBy(folder: string | undefined, target: string): Promise<Verified | null> {
  if (folder === undefined) return null
  checkFolder(folder, 'skipUnchanged')
  const { verified, standing } = await readJournal(join(folder, journalName), readVerified)
  if (standing.run?.target === target) return verified
  const message = `\`skip-unchanged\`: ${folder} was sent to ${standing.run?.target ?? 'nobody'}, this run goes to ${target}.`
  throw new TrackSyncError('settings_invalid', message, {
    field: 'skip-unchanged',
    expected: `a run to ${target}`,
    came: standing.run?.target ?? 'no run',
  })
}
