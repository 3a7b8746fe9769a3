import { basename, join, resolve as absolute } from 'node:path'
import type { RunEntry } from '../journal/entry.ts'
import { createJournal } from '../journal/file.ts'
import { createRunFolder, journalName, removeRunFolder } from '../journal/folder.ts'
import { lockRun } from '../journal/lock.ts'
import { JournalWriter } from '../journal/writer.ts'
import type { Clock } from '../model/clock.ts'
import { stopOf } from '../model/exit.ts'
import { plannedRun, type PlannedRun } from '../model/plan.ts'
import {
  type AuditOptions,
  defaults,
  type ImportOptions,
  type ReportOptions,
  settingsOf,
} from '../options.ts'
import { openSources } from '../parse/open.ts'
import { guardCallbacks } from './callbacks.ts'
import { journalFailed, whereFull, whereGone } from './disk.ts'
import type { Over, Start } from './stages.ts'
import { type Receipt, report } from './report.ts'
import { keepStreams } from './spool.ts'
import { checkPlan, mappingFile, survey } from './survey.ts'

/** Where a run goes: what its first line says of that. */
export type Head = Pick<RunEntry, 'target' | 'url' | 'limitPerMinute' | 'audits'> & {
  /** What it reads, where that is no file of its own; and what its folder is named after. */
  inputs?: string[]
  name?: string
}

/** Makes the folder and the journal of a new run, and does its work while no other process does. */
export async function beginRun<Options extends AuditOptions | ImportOptions>(
  checked: Options,
  clock: Clock,
  { inputs, name, ...head }: Head,
  work: (start: Start<Options>) => Promise<Receipt>,
): Promise<Receipt> {
  const startedAt = clock.now()
  const { runId, stop = new AbortController() } = checked
  const { callbacks, rethrow } = guardCallbacks(checked, stop)
  const options = { ...checked, ...callbacks }
  const { key = '', runsDir = defaults.runsDir } = options
  const opened = await openSources(options.files)
  const mapping = await mappingFile(options.mappingFile)
  const first = name ?? basename(opened[0]?.name ?? '')
  const stem = head.audits === true ? `audit-${first}` : first
  const { id, folder } = await createRunFolder(runsDir, runId, stem, startedAt)
  return await locked(folder, async () => {
    const sources = await keepStreams(opened, folder, stop.signal).catch(leaveNothing(folder))
    const file = await createJournal(join(folder, journalName), journalFailed(stop, folder))
    const journal = new JournalWriter(file, clock.now)
    const from = { inputs: inputs ?? sources.map(source => source.name), cwd: absolute(''), mapping }
    journal.begin({ run: id, ...head, settings: settingsOf(options), key, ...from })
    return await work({ folder, clock, options, sources, journal, stop, rethrow })
  })
}

/** Works on a run while no other process does. */
export async function locked(folder: string, work: () => Promise<Receipt>): Promise<Receipt> {
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
export function leaveNothing(folder: string): (error: unknown) => Promise<never> {
  return async error => {
    await removeRunFolder(folder)
    throw error
  }
}

/** The plan of a run under way, or of an audit; null where it was stopped before it was through. */
export async function planRun(
  { folder, clock, options, sources, journal, stop }: Start,
  audits = false,
): Promise<PlannedRun | null> {
  try {
    const planned =
      'plan' in options && options.plan !== undefined
        ? await checkPlan(options.plan, sources)
        : await survey(sources, options, clock.now(), stop.signal, audits)
    journal.planned(plannedRun(planned))
    options.onPlan?.(planned, folder)
    return plannedRun(planned)
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return null
    await journal.close()
    throw error
  }
}

/** Does the work of a run that is planned, and writes the receipt; `planned` is null where it was stopped before. */
export async function finish(
  { folder, journal, stop, rethrow }: Start,
  planned: PlannedRun | null,
  work: (planned: PlannedRun) => Promise<Over>,
  reported: ReportOptions = {},
): Promise<Receipt> {
  let over: Over | undefined
  const end = async () => {
    const { stopped, ...sent } = over ?? { stopped: stopOf(stop.signal), waitedForLanesMs: 0, unread: 0 }
    await journal.end(stopped, sent).catch(whereFull(folder))
  }
  try {
    if (planned !== null) over = await work(planned)
  } catch (error) {
    // What broke off without a stop has no end on record: its journal looks killed, and a resume continues it.
    await (stop.signal.aborted ? end() : journal.close())
    throw error
  }
  await end()
  const receipt = await report(folder, reported).catch(whereGone(folder))
  rethrow()
  return receipt
}
