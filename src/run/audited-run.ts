import type { RunEntry } from '../journal/entry.ts'
import type { Account } from '../model/account.ts'
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
const stored: ReadonlySet<Outcome> = new Set(['verified', 'unverifiable', 'mismatched', 'unknown'])
const batchMax = 500

export async function auditedRun(folder: string): Promise<AuditedRun> {
  const state = await loadState(folder)
  const { run, facts } = state
  if (run === null || facts.planned === null) {
    const message = `${folder} contains a run that ended before its plan was complete; it stored nothing.`
    throw new TrackSyncError('run_unreadable', message, { file: folder, next: nextSteps.look(folder) })
  }
  async function* objects(): AsyncGenerator<Audited[], undefined> {
    let batch: Audited[] = []
    for await (const account of accountsOf(folder, state)) {
      batch.push(auditedOf(account))
      if (batch.length < batchMax) continue
      yield batch
      batch = []
    }
    yield batch
  }
  return { run, planned: facts.planned, objects }
}

function auditedOf(account: Account): Audited {
  const { seq, file, row, line, part, kind, user, body, raw, outcome, endedAt } = account
  const object = { seq, file, row, line, part, kind, user, body: body ?? {}, raw: raw ?? new Uint8Array() }
  return {
    ...object,
    problems: [],
    leftOut: [],
    ...(endedAt === null ? {} : { sentAt: endedAt }),
    ...(body !== null && stored.has(outcome) ? {} : { notStored: `that run did not store it: ${outcome}` }),
  }
}
