import { basename, join } from 'node:path'
import { checkTarget } from './deliver/host.ts'
import type { RunEntry } from './journal/entry.ts'
import { reopenJournal } from './journal/file.ts'
import { journalName } from './journal/folder.ts'
import { readHead } from './journal/reader.ts'
import { RunState } from './journal/run-state.ts'
import { JournalWriter } from './journal/writer.ts'
import { Mapper } from './map/map.ts'
import type { Clock } from './model/clock.ts'
import { perMinute } from './model/exchange.ts'
import type { Plan, PlannedRun } from './model/plan.ts'
import {
  type AuditOptions,
  type AuditRunOptions,
  checkAuditOptions,
  checkAuditRunOptions,
  checkImportOptions,
  checkPlanOptions,
  checkResumeOptions,
  defaults,
  type ImportOptions,
  checkUndoOptions,
  type PlanOptions,
  refuseConflicts,
  type ReportOptions,
  resumedOptions,
  type ResumeOptions,
  settingsOf,
  type UndoOptions,
} from './options.ts'
import { openSources } from './parse/open.ts'
import { fingerprinted } from './parse/fingerprinted-source.ts'
import { systemClock } from './rate-limit/system-clock.ts'
import { Memory } from './reconcile/reconcile.ts'
import type { Objects } from './run/audit.ts'
import { auditedRun } from './run/audited-run.ts'
import { beginRun, finish, leaveNothing, locked, planRun } from './run/begin.ts'
import { guardCallbacks } from './run/callbacks.ts'
import { checkClock, checkFolder } from './run/checked-calls.ts'
import { journalFailed } from './run/disk.ts'
import { baselineOf, recallRun } from './run/load.ts'
import { type AuditSource, noProfiles, type Profiles, profilesFor } from './run/profiles.ts'
import type { Over, Ready, Start } from './run/stages.ts'
import type { Receipt } from './run/report.ts'
import { checkSameInput, checkSameTarget, reopenSources, unfinishedRun } from './run/resume-checks.ts'
import { Befores } from './run/settle-unknown.ts'
import { readAll, readingsOf, survey } from './run/survey.ts'

/** Reads everything, sends nothing: what a run would do. Once the signal is aborted it throws the signal's reason. */
export async function plan(given: PlanOptions, signal?: AbortSignal): Promise<Plan> {
  const options = checkPlanOptions(given)
  const sources = await openSources(options.files)
  return await survey(sources.map(fingerprinted), options, systemClock.now(), signal)
}

/**
 * The whole river: plan, deliver, reconcile, report. It ends with a receipt, whatever happened on the way. With a clock of
 * your own, time passes as that says.
 */
export async function importFiles(given: ImportOptions, clock: Clock = systemClock): Promise<Receipt> {
  return await importChecked(checkImportOptions(given), clock)
}

/** `lookedUpAt` is when lookups left that were made for the run. */
async function importChecked(
  options: ImportOptions,
  clock: Clock,
  lookedUpAt: readonly number[] = [],
): Promise<Receipt> {
  checkClock(clock)
  const url = checkTarget(options.url, options.key, options.proxy)
  const { target = url.origin, rate = defaults.rate } = options
  const baseline = await baselineOf(options.skipUnchanged, target)
  const head = { target, url: url.href, limitPerMinute: perMinute(rate) }
  return await beginRun(options, clock, head, async start => {
    const planned = await planRun(start).catch(leaveNothing(start.folder))
    const nothing = {
      state: new RunState(),
      memory: new Memory(),
      befores: new Befores(),
      onlyUnknown: false,
      lookedUpAt,
    }
    return await finish(start, planned, sending({ ...start, ...nothing, url, baseline }))
  })
}

/** Resumes a run that did not finish: what has ended stays as it is, and the receipt is that of one run. */
export async function resume(
  folder: string,
  given: ResumeOptions,
  clock: Clock = systemClock,
): Promise<Receipt> {
  const wanted = checkResumeOptions(given)
  checkClock(clock)
  return await locked(checkFolder(folder), async () => {
    const { state, ...known } = await recallRun(folder)
    const { key, newKey = false, onlyUnknown = false, stop = new AbortController() } = wanted
    const run = unfinishedRun(folder, state, onlyUnknown)
    const url = checkTarget(wanted.url ?? run.url, key, wanted.proxy)
    const target = wanted.target ?? url.origin
    checkSameTarget(run, state, target, key, newKey)
    const { callbacks, rethrow } = guardCallbacks(wanted, stop)
    const settings = { ...resumedOptions(run, wanted), ...callbacks, url: url.href, target }
    refuseConflicts(settings)
    const sources = await reopenSources(run, folder, wanted.files)
    const options = { ...settings, files: sources }
    const { planned } = state.facts
    if (planned !== null) await checkSameInput(run, sources, planned.files)
    const baseline = await baselineOf(options.skipUnchanged, target)
    const path = join(folder, journalName)
    const file = await reopenJournal(path, state.end, journalFailed(stop, folder))
    const journal = new JournalWriter(file, clock.now)
    const limitPerMinute = perMinute(options.rate ?? defaults.rate)
    journal.resume({ key, settings: settingsOf(options), limitPerMinute })
    const start = { folder, clock, options, sources, journal, stop, rethrow }
    const ready = { ...start, ...known, state, url, baseline, onlyUnknown }
    return await finish(start, planned ?? (await planRun(start)), sending(ready))
  })
}

/**
 * Compares files with the profiles as they are, and writes nothing to the API: the same reading, plan and report as an
 * import. With `against`, the profiles are those of an export on disk.
 */
export async function audit(given: AuditOptions, clock: Clock = systemClock): Promise<Receipt> {
  const options = checkAuditOptions(given)
  checkClock(clock)
  const profiles = profilesFor(options)
  return await beginRun(options, clock, profiles.head, async start => {
    const planned = await planRun(start, true).catch(leaveNothing(start.folder))
    const objects = () => readAll(start.sources, options, new Mapper(options, planned?.types ?? null))
    return await compared(start, planned, profiles, objects)
  })
}

/** Compares what an earlier run stored with the profiles as they are now: what has changed since. */
export async function auditRun(
  earlier: string,
  given: AuditRunOptions,
  clock: Clock = systemClock,
): Promise<Receipt> {
  const checked = checkAuditRunOptions(given)
  checkClock(clock)
  const { run, planned, objects } = await auditedRun(checkFolder(earlier, 'run'))
  const options = { ...checked, readings: { ...readingsOf(run.settings), ...checked.readings } }
  const profiles = profilesFor(options)
  const head = { ...profiles.head, inputs: run.inputs, name: basename(run.inputs[0] ?? run.run) }
  return await beginRun(options, clock, head, async start => {
    start.journal.planned(planned)
    return await compared(start, planned, profiles, objects, { compare: earlier })
  })
}

/** What is planned, compared with the profiles. Without profiles to open there is no run. */
async function compared(
  start: Start,
  planned: PlannedRun | null,
  profiles: Profiles,
  objects: Objects,
  reported: ReportOptions = {},
): Promise<Receipt> {
  const source = planned === null ? noProfiles(start) : await openProfiles(start, profiles)
  const work = async (known: PlannedRun) => {
    const { auditObjects } = await import('./run/audit.ts')
    return await auditObjects(start, known, source, objects)
  }
  return await finish(start, planned, work, reported)
}

async function openProfiles(start: Start, profiles: Profiles): Promise<AuditSource> {
  try {
    return await profiles.open(start)
  } catch (error) {
    await start.journal.close()
    return await leaveNothing(start.folder)(error)
  }
}

/**
 * Puts back what a run changed, where it still stands as that run left it: a run of its own, with a receipt of its own.
 * What others have changed since is listed in `undo-left.csv` and left alone; events and purchases stay. Undefined where
 * there is nothing to put back, or where `agree` says no. Where it is stopped before it sends, it throws the reason.
 */
export async function undo(
  folder: string,
  given: UndoOptions,
  clock: Clock = systemClock,
): Promise<Receipt | undefined> {
  const { agree, ...wanted } = checkUndoOptions(given)
  checkClock(clock)
  const { prepareUndo } = await import('./run/prepare-undo.ts')
  return await prepareUndo(checkFolder(folder), wanted, clock, async (planned, options, lookedUpAt) => {
    const agreed = await agree?.(planned)
    if (agreed === false || planned.values === 0) return undefined
    return await importChecked(checkImportOptions(options), clock, lookedUpAt)
  })
}

/** What a run is: where it goes and what was set; undefined where its process was killed before it could record that. */
export async function readRun(folder: string): Promise<RunEntry | undefined> {
  return await readHead(join(checkFolder(folder), journalName))
}

/** What sends is loaded once there is something to send: a plan and a report start sooner without it. */
function sending(ready: Omit<Ready, 'planned'>): (planned: PlannedRun) => Promise<Over> {
  return async planned => {
    const { send } = await import('./run/send.ts')
    return await send({ ...ready, planned })
  }
}
