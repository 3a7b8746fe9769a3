import { join, resolve as absolute } from 'node:path'
import { checkTarget } from './deliver/host.ts'
import type { RunEntry } from './journal/entry.ts'
import { createJournal, reopenJournal } from './journal/file.ts'
import { createRunFolder, journalName, removeRunFolder } from './journal/folder.ts'
import { lockRun } from './journal/lock.ts'
import { readHead } from './journal/reader.ts'
import { RunState } from './journal/run-state.ts'
import { JournalWriter } from './journal/writer.ts'
import type { Clock } from './model/clock.ts'
import { perMinute } from './model/exchange.ts'
import { stopOf } from './model/exit.ts'
import { type Plan, plannedRun, type PlannedRun } from './model/plan.ts'
import {
  checkImportOptions,
  checkPlanOptions,
  checkResumeOptions,
  defaults,
  type ImportOptions,
  type PlanOptions,
  refuseConflicts,
  resumedOptions,
  type ResumeOptions,
  settingsOf,
} from './options.ts'
import { openSources } from './parse/open.ts'
import { fingerprinted } from './parse/fingerprinted-source.ts'
import { systemClock } from './rate-limit/system-clock.ts'
import { Memory, recall } from './reconcile/reconcile.ts'
import { recallBefore } from './run/before.ts'
import { guardCallbacks } from './run/callbacks.ts'
import { checkClock, checkFolder } from './run/checked-calls.ts'
import { journalFailed, whereFull, whereGone } from './run/disk.ts'
import { baselineOf, loadState } from './run/load.ts'
import { Befores } from './run/settle-unknown.ts'
import { type Receipt, report } from './run/report.ts'
import { checkSameInput, checkSameTarget, reopenSources, unfinishedRun } from './run/resume-checks.ts'
import type { Over, Ready } from './run/send.ts'
import { keepStreams } from './run/spool.ts'
import { checkPlan, mappingFile, readingsOf, survey } from './run/survey.ts'

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
  const checked = checkImportOptions(given)
  const startedAt = checkClock(clock).now()
  const url = checkTarget(checked.url, checked.key, checked.proxy)
  const { runId, stop = new AbortController() } = checked
  const { callbacks, rethrow } = guardCallbacks(checked, stop)
  const options = { ...checked, ...callbacks }
  const { key, target = url.origin, rate = defaults.rate, runsDir = defaults.runsDir } = options
  const opened = await openSources(options.files)
  const baseline = await baselineOf(options.skipUnchanged, target)
  const mapping = await mappingFile(options.mappingFile)
  const { id, folder } = await createRunFolder(runsDir, runId, opened[0]?.name ?? '', startedAt)
  return await locked(folder, async () => {
    const sources = await keepStreams(opened, folder, stop.signal).catch(leaveNothing(folder))
    const file = await createJournal(join(folder, journalName), journalFailed(stop, folder))
    const journal = new JournalWriter(file, clock.now)
    const [inputs, cwd] = [sources.map(({ name }) => name), absolute('')]
    const head = {
      run: id,
      target,
      url: url.href,
      settings: settingsOf(options),
      limitPerMinute: perMinute(rate),
    }
    journal.begin({ ...head, key, inputs, cwd, mapping })
    const start = {
      folder,
      clock,
      url,
      options,
      sources,
      state: new RunState(),
      memory: new Memory(),
      befores: new Befores(),
      onlyUnknown: false,
      baseline,
      journal,
      stop,
      rethrow,
    }
    const planned = await planRun(start).catch(leaveNothing(folder))
    return await finish(start, planned)
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
    const memory = new Memory()
    const befores = new Befores()
    await recallBefore(folder, memory)
    const state = await loadState(folder, ({ seq, object, line, outcome, before }, head) => {
      if (outcome === 'unknown') befores.note(seq, object, memory)
      else befores.forget(seq)
      // What a later look adds was taught by the response before.
      if (line !== null && before === undefined)
        recall(object, line, memory, readingsOf(head?.settings ?? {}))
    })
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
    journal.resume({
      key,
      settings: settingsOf(options),
      limitPerMinute: perMinute(options.rate ?? defaults.rate),
    })
    const known = { state, memory, befores, baseline }
    const start = { folder, clock, url, options, sources, ...known, journal, stop, rethrow, onlyUnknown }
    return await finish(start, planned ?? (await planRun(start)))
  })
}

/** What a run is: where it goes and what was set; undefined where its process was killed before it could record that. */
export async function readRun(folder: string): Promise<RunEntry | undefined> {
  return await readHead(join(checkFolder(folder), journalName))
}

/** Works on a run while no other process does. */
async function locked(folder: string, work: () => Promise<Receipt>): Promise<Receipt> {
  const letGo = await lockRun(folder)
  let isOver = false
  try {
    const receipt = await work()
    isOver = receipt.facts.status === 'finished'
    return receipt
  } finally {
    await letGo(isOver)
  }
}

/** An input that cannot be read to its end, or planned, leaves no run behind. */
function leaveNothing(folder: string): (error: unknown) => Promise<never> {
  return async error => {
    await removeRunFolder(folder)
    throw error
  }
}

type Start = Omit<Ready, 'planned'> & { rethrow: () => void }

/** The plan of a run under way; null where the run was stopped before it was through. */
async function planRun({
  folder,
  clock,
  options,
  sources,
  journal,
  stop,
}: Start): Promise<PlannedRun | null> {
  try {
    const planned =
      options.plan === undefined
        ? await survey(sources, options, clock.now(), stop.signal)
        : await checkPlan(options.plan, sources)
    journal.planned(plannedRun(planned))
    options.onPlan?.(planned, folder)
    return plannedRun(planned)
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return null
    await journal.close()
    throw error
  }
}

/** Sends what is left, and writes the receipt. */
async function finish(start: Start, planned: PlannedRun | null): Promise<Receipt> {
  const { folder, journal, stop } = start
  let over: Over | undefined
  const end = async () => {
    const { stopped, ...sent } = over ?? { stopped: stopOf(stop.signal), waitedForLanesMs: 0, unread: 0 }
    await journal.end(stopped, sent).catch(whereFull(folder))
  }
  try {
    // What sends is loaded once there is something to send: a plan and a report start sooner without it.
    const { send } = await import('./run/send.ts')
    if (planned !== null) over = await send({ ...start, planned })
  } catch (error) {
    // What broke off without a stop has no end on record: its journal looks killed, and a resume continues it.
    await (stop.signal.aborted ? end() : journal.close())
    throw error
  }
  await end()
  const receipt = await report(folder).catch(whereGone(folder))
  start.rethrow()
  return receipt
}
