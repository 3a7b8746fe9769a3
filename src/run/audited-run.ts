import { join } from 'node:path'
import type { RunEntry } from '../journal/entry.ts'
import { journalName } from '../journal/folder.ts'
import type { RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { sayDamage } from '../model/damage.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Outcome } from '../model/outcome.ts'
import type { PlannedRun } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Audited } from './audit.ts'
import { accountsOf, loadState } from './load.ts'

/** A run whose objects are compared with the profiles once more. */
export interface AuditedRun {
  run: RunEntry
  planned: PlannedRun
  /** All of its objects, in input order. */
  objects: () => AsyncGenerator<Audited[], undefined>
}

/** Objects that may be on a profile. */
const stored: ReadonlySet<Outcome> = new Set([
  'verified',
  'unverifiable',
  'mismatched',
  'unknown',
  'unchanged',
])
const batchMax = 500

/**
 * The run of a folder, as far as it came. Where its journal is damaged, it is refused: which rows it stored after the
 * damage is not known, and whoever has its files can have all of them compared.
 */
export async function auditedRun(folder: string): Promise<AuditedRun> {
  const state = await loadState(folder)
  const { run, planned } = storingRun(folder, state)
  async function* objects(): AsyncGenerator<Audited[], undefined> {
    let batch: Audited[] = []
    for await (const account of accountsOf(folder, state)) {
      batch.push(auditedOf(account, state.facts.isAudit))
      if (batch.length < batchMax) continue
      yield batch
      batch = []
    }
    yield batch
  }
  return { run, planned, objects }
}

/** A run that has stored something, and whose journal says what. */
function storingRun(folder: string, { run, facts, damage, outcomes }: RunState): Omit<AuditedRun, 'objects'> {
  const { planned } = facts
  if (damage !== null) {
    const file = join(folder, journalName)
    const { line, byte } = damage
    const message = `${file} is damaged at ${sayDamage(damage)}. Which rows the run stored after that is not known.`
    const next = 'Audit the files of the run instead: all of their rows are compared.'
    throw new TrackSyncError('run_damaged', message, { file, line, byte, next })
  }
  if (run !== null && planned !== null)
    for (let seq = 0; seq < outcomes.length; seq++)
      if (isStored(outcomes.outcome(seq))) return { run, planned }
  const message = `The run ${folder} stored nothing, so there is nothing to compare.`
  throw new TrackSyncError('run_stored_nothing', message, { file: folder, next: nextSteps.look(folder) })
}

function isStored(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && stored.has(outcome)
}

/** `wasAudited`: nothing was sent when the object ended. */
function auditedOf(account: Account, wasAudited: boolean): Audited {
  const { seq, file, row, line, part, kind, user, raw, outcome, endedAt, wanted } = account
  const body = account.body ?? wanted ?? null
  const isSent = !wasAudited && endedAt !== null
  return {
    seq,
    file,
    row,
    line,
    part,
    kind,
    user,
    body: body ?? {},
    raw: raw ?? new Uint8Array(),
    problems: [],
    leftOut: [],
    ...(isSent ? { sentAt: endedAt } : {}),
    ...(body !== null && isStored(outcome) ? {} : { notStored: `that run did not store it: ${outcome}` }),
  }
}
