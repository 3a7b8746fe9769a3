import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RunEntry } from '../journal/entry.ts'
import { journalName } from '../journal/folder.ts'
import type { RunState } from '../journal/run-state.ts'
import { fingerprintOf } from '../journal/writer.ts'
import { sayDamage } from '../model/damage.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Outcome } from '../model/outcome.ts'
import type { PlanFile } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { ResumeOptions } from '../options.ts'
import { openOnDisk, openSources } from '../parse/open.ts'
import { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import { keptInput } from './spool.ts'

/** The run of a folder, whose journal is whole; `otherwise` is what would follow of one that is not. */
function wholeRun(folder: string, { run, damage }: RunState, otherwise: string): RunEntry {
  if (damage !== null) {
    const file = join(folder, journalName)
    const message = `${file} is damaged at ${sayDamage(damage)}. Requests that were sent may be recorded there, so ${otherwise}`
    const { line, byte } = damage
    throw new TrackSyncError('run_damaged', message, {
      file,
      line,
      byte,
      next: nextSteps.look(folder),
    })
  }
  if (run === null) {
    const message = `${folder} contains a run that ended before it had read its input.`
    throw new TrackSyncError('run_unreadable', message, {
      file: folder,
      next: nextSteps.help('import', 'Import its files again; nothing was sent.'),
    })
  }
  return run
}

/** The run of a folder, where all of it can be undone. */
export function undoableRun(folder: string, state: RunState): RunEntry {
  const otherwise = 'an undo could leave out some of what they changed.'
  const run = wholeRun(folder, state, otherwise)
  if (!state.facts.isAudit) return run
  const message = `The run ${run.run} is an audit; it changed nothing.`
  throw new TrackSyncError('run_not_undoable', message, { file: folder, next: nextSteps.look(folder) })
}

/** An audit is started again instead: it changes nothing. */
export function neverResumed(folder: string, { run }: RunEntry): TrackSyncError {
  const message = `The run ${run} is an audit; there is nothing to resume. Start it again: it changes nothing.`
  return new TrackSyncError('run_finished', message, { file: folder, next: nextSteps.look(folder) })
}

/** The run of a folder, where there is something left to do for it. */
export function unfinishedRun(folder: string, state: RunState, onlyUnknown: boolean): RunEntry {
  const { facts } = state
  const otherwise =
    'a resume could send some of them twice. The report covers everything before the damage; a new run with --skip-unchanged leaves out what is verified there.'
  const run = wholeRun(folder, state, otherwise)
  if (facts.isAudit) throw neverResumed(folder, run)
  const hasUnknown = [...state.unsettled.values()].some(({ outcome }) => outcome === 'unknown')
  if (onlyUnknown ? hasUnknown : facts.status !== 'finished') return run
  if (onlyUnknown) {
    const message = `No row of the run ${run.run} is unknown; there is nothing to look up.`
    throw new TrackSyncError('run_finished', message, { file: folder, next: nextSteps.look(folder) })
  }
  const message = `The run ${run.run} has finished; there is nothing to resume.`
  throw new TrackSyncError('run_finished', message, {
    file: folder,
    next: nextSteps.look(folder),
  })
}

/**
 * A run is resumed on the host it was sent to, with the key it was sent with: another key may belong to another workspace. Where
 * nothing has got there, because the key was refused, say, the right one is welcome.
 */
export function checkSameTarget(
  run: RunEntry,
  state: RunState,
  target: string,
  key: string,
  newKey: boolean,
): void {
  if (target !== run.target) {
    const message = `The run ${run.run} was sent to ${run.target}, not to ${target}.`
    throw new TrackSyncError('run_other_target', message, {
      field: 'url',
      expected: run.target,
      came: target,
      next: nextSteps.sendThere(run.url),
    })
  }
  if (newKey || fingerprintOf(key) === state.keyFingerprint || !hasReached(state)) return
  const message = `The run ${run.run} was sent with another key, which may belong to another workspace.`
  throw new TrackSyncError('run_other_target', message, {
    field: 'key',
    expected: 'the key of the run',
    came: 'another key',
    next: nextSteps.again(
      'Set BRAZE_API_KEY to the key of the run or, if the key was replaced in the same workspace, add --new-key.',
    ),
  })
}

/** Whether the API has taken an object of the run, or refused it for itself, or may have. */
function hasReached({ outcomes }: RunState): boolean {
  const reached = new Set<Outcome | undefined>([
    'verified',
    'unverifiable',
    'mismatched',
    'rejected',
    'unknown',
  ])
  for (let seq = 0; seq < outcomes.length; seq++) if (reached.has(outcomes.outcome(seq))) return true
  return false
}

/** The input of the run: the copies of streams that it keeps, and files where they were or under the same names here. */
export async function reopenSources(
  run: RunEntry,
  folder: string,
  given: ResumeOptions['files'],
): Promise<FingerprintedSource[]> {
  const sources: FingerprintedSource[] = []
  const inputs = given ?? run.inputs
  for (const [i, input] of inputs.entries()) {
    const copy = keptInput(folder, i)
    const [source] =
      typeof input === 'string' && existsSync(copy)
        ? [await openOnDisk(input, copy)]
        : await openSources([input], [run.cwd, resolve('.')]).catch(isGone(run))
    if (!(source instanceof FingerprintedSource))
      throw changed(run, `It stopped before ${source?.name ?? 'its input'} was read.`)
    sources.push(source)
  }
  return sources
}

/** What was sent so far was made of these very bytes; what follows must be, too. */
export async function checkSameInput(
  run: RunEntry,
  sources: readonly FingerprintedSource[],
  planned: readonly PlanFile[],
): Promise<void> {
  if (sources.length !== planned.length) {
    throw changed(run, `It was planned with ${planned.length} files, but ${sources.length} were given.`)
  }
  for (const [i, source] of sources.entries()) await checkSame(run, source, planned[i])
  if (run.mapping === null) return
  const [mapping] = await openSources([run.mapping.path], [run.cwd, resolve('.')]).catch(isGone(run))
  if (mapping instanceof FingerprintedSource) await checkSame(run, mapping, run.mapping)
}

async function checkSame(
  run: RunEntry,
  source: FingerprintedSource,
  was: { path: string; sha256: string } | undefined,
): Promise<void> {
  const { sha256 } = await source.fingerprint()
  if (sha256 !== was?.sha256)
    throw changed(run, `${was?.path ?? source.name} has changed since it was planned.`, source.name)
}

function isGone(run: RunEntry): (error: Error) => never {
  return error => {
    throw changed(run, error.message)
  }
}

function changed(run: RunEntry, how: string, file?: string): TrackSyncError {
  const message = `The run ${run.run} cannot be resumed. ${how}`
  return new TrackSyncError('run_changed', message, {
    ...(file === undefined ? {} : { file }),
    expected: 'the input and the mapping as they were when the run was planned',
    next: 'Restore the file, or start a new run with --skip-unchanged, which sends only what this run did not verify.',
  })
}
