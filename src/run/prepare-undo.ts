import { checkTarget } from '../deliver/host.ts'
import { endpoints } from '../braze/endpoints.ts'
import { lockRun } from '../journal/lock.ts'
import type { Clock } from '../model/clock.ts'
import { stopOf } from '../model/exit.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { UndoPlan } from '../model/undo-plan.ts'
import type { ImportOptions, UndoOptions } from '../options.ts'
import { loadState } from './load.ts'
import { Lookups } from './lookup-source.ts'
import type { Receipt } from './report.ts'
import { checkSameTarget, undoableRun } from './resume-checks.ts'
import { readingsOf } from './survey.ts'
import { leftName, planUndo, undoName, type UndoWork } from './undo.ts'

/** What sends the rows that put values back. `lookedUpAt` is when the lookups before it left. */
type PutBack = (
  planned: UndoPlan,
  options: ImportOptions,
  lookedUpAt: readonly number[],
) => Promise<Receipt | undefined>

/** Finds out what can be put back, and has it done, while no other process works on the run. */
export async function prepareUndo(
  folder: string,
  { newKey = false, ...wanted }: Omit<UndoOptions, 'agree'>,
  clock: Clock,
  putBack: PutBack,
): Promise<Receipt | undefined> {
  const letGo = await lockRun(folder)
  let isOver = false
  try {
    const state = await loadState(folder)
    isOver = state.facts.status === 'finished'
    const run = undoableRun(folder, state)
    const { key, proxy, stop = new AbortController() } = wanted
    const url = checkTarget(wanted.url ?? run.url, key, proxy)
    const target = wanted.target ?? url.origin
    checkSameTarget(run, state, target, key, newKey)
    const readings = readingsOf(run.settings)
    const source = new Lookups({ clock, url, options: { ...wanted, key, target }, stop, isRequired: true })
    const work = { folder, state, source, readings, signal: stop.signal }
    const planned = await planWith(work).catch(sayWhy(stop.signal, folder))
    // A profile that is gone by now is not created again.
    const rows = { files: [planned.file], kind: 'attributes', updateExistingOnly: true } as const
    const options = { ...wanted, ...rows, readings, url: url.href, target, stop }
    return await putBack(planned, options, source.starts)
  } finally {
    await letGo(isOver)
  }
}

async function planWith(work: UndoWork): Promise<UndoPlan> {
  try {
    return await planUndo(work)
  } finally {
    await work.source.close()
  }
}

/** What kept an undo from its beginning: nothing was sent. */
function sayWhy(signal: AbortSignal, folder: string): (error: Error) => never {
  return error => {
    if (signal.aborted && error === signal.reason) {
      const { exit, message } = stopOf(signal)
      if (exit !== 'refused') throw error
      const { permission } = endpoints.exportIds
      throw new TrackSyncError('profiles_refused', message, {
        expected: `a key with the permission ${permission}`,
        next: `Give the key the permission ${permission}.`,
      })
    }
    if (error instanceof TrackSyncError || !('code' in error)) throw error
    const message = `${undoName} or ${leftName} cannot be written: ${error.message}. Nothing was sent.`
    throw new TrackSyncError('run_disk_full', message, {
      file: folder,
      next: 'Free some space, or find out why nothing can be written.',
    })
  }
}
