import { resolve } from 'node:path'
import type { RunEntry } from './journal/entry.ts'
import { type Json, type JsonObject, sameJson } from './model/json.ts'
import { TrackSyncError } from './model/problem.ts'
import type { UndoPlan } from './model/undo-plan.ts'
import { type ResumeSetting, rows } from './options/all-options.ts'
import { checkOptions, checkValue, shown } from './options/check-options.ts'
import type {
  AuditOptions,
  AuditRunOptions,
  ImportOptions,
  PlanOptions,
  ReportOptions,
} from './options/declared.ts'
import type { Option, OptionName } from './options/option.ts'
import type { SandboxOptions } from './sandbox/server.ts'

export type {
  AuditOptions,
  AuditRunOptions,
  ImportOptions,
  PlanOptions,
  ReportOptions,
} from './options/declared.ts'
export { refuseConflicts } from './options/conflicts.ts'
export { defaults, resumeSettings } from './options/all-options.ts'

/**
 * How to resume a run: everything that does not change what is sent. Options that are not set stay as the run had them. The
 * files are looked up where they were, unless `files` names them. The other options of the run are accepted too, so that
 * one object serves both; it is an error if one of them has changed.
 */
export interface ResumeOptions
  extends Pick<ImportOptions, 'key' | 'stop' | 'onPlan' | 'onStart' | 'onProgress'>,
    Partial<Pick<ImportOptions, ResumeSetting | 'url' | 'target' | 'files'>> {
  /** The key may differ: it was replaced in the same workspace. Default false. */
  newKey?: boolean
  /**
   * Looks up the unknown rows and does nothing else: those that were applied are judged, those that certainly were not are
   * sent again, the others stay unknown. A finished run can be resumed so as well. Default false.
   */
  onlyUnknown?: boolean
}

/** How to undo a run: where its values are put back, and how that run of its own is sent. */
export interface UndoOptions
  extends Omit<ResumeOptions, 'files' | 'onlyUnknown'>,
    Pick<ImportOptions, 'runsDir' | 'runId'> {
  /** Asked before anything is sent. Default: nobody is asked. */
  agree?: (plan: UndoPlan) => boolean | Promise<boolean>
}

export function checkUndoOptions(options: UndoOptions): UndoOptions {
  return checkOptions('undo', options) as UndoOptions
}

export function checkPlanOptions(options: PlanOptions): PlanOptions {
  return checkOptions('plan', options) as PlanOptions
}

export function checkImportOptions(options: ImportOptions): ImportOptions {
  return checkOptions('importFiles', options) as ImportOptions
}

export function checkResumeOptions(options: ResumeOptions): ResumeOptions {
  return checkOptions('resume', options) as ResumeOptions
}

export function checkAuditOptions(options: AuditOptions): AuditOptions {
  return checkOptions('audit', options) as AuditOptions
}

/** An audit of a run reads no files. */
export function checkAuditRunOptions(options: AuditRunOptions): AuditRunOptions & { files: string[] } {
  return { ...checkOptions('auditRun', options), files: [] }
}

export function checkReportOptions(options: ReportOptions): ReportOptions {
  return checkOptions('report', options)
}

export function checkSandboxOptions(options: SandboxOptions): SandboxOptions {
  return checkOptions('createSandbox', options)
}

/** The options that the journal keeps: those that the table marks, and no others. */
export function settingsOf(options: ImportOptions | AuditOptions): JsonObject {
  return pickOptions(options, ({ journaled }) => journaled !== undefined)
}

/** The options that distinguish one run from another for `--once`. */
export function identityOf(options: ImportOptions): JsonObject {
  return pickOptions(options, ({ identity }) => identity === true)
}

function pickOptions(
  options: ImportOptions | AuditOptions,
  isKept: (row: Option<unknown>) => boolean,
): JsonObject {
  const values = new Map<string, unknown>(Object.entries(options))
  const entries = rows.flatMap(([name, row]) => {
    const value = values.get(name)
    if (value === undefined || !isKept(row)) return []
    return [[name, row.journaled === 'absolute' && typeof value === 'string' ? resolve(value) : value]]
  })
  return JSON.parse(JSON.stringify(Object.fromEntries(entries))) as JsonObject
}

/** The parts of a journal's first line that are needed here. */
type EarlierRun = Pick<RunEntry, 'run' | 'settings' | 'cwd'>

/** The options of a run from its journal, with the changes of a resume. */
export function resumedOptions(
  run: EarlierRun,
  changes: ResumeOptions,
): Omit<ImportOptions, 'files' | 'url'> {
  const options = new Map<OptionName, unknown>()
  const changed = new Map<string, unknown>(Object.entries(changes))
  for (const [name, row] of rows) {
    const { calls = [], journaled, resumable, form } = row
    const now = changed.get(name)
    if (resumable === true || (journaled === undefined && calls.includes('resume'))) {
      if (now !== undefined) options.set(name, now)
    } else if (now !== undefined && !isUnchanged(run, name, row, now)) throw cannotChange(run, name, row, now)
    const before = run.settings[name]
    // Other settings in a journal come from an older version, which kept every option.
    if (journaled === undefined || before === undefined || options.has(name)) continue
    options.set(name, checkJournaled(form, before, name, run))
  }
  return Object.fromEntries(options) as unknown as Omit<ImportOptions, 'files' | 'url'>
}

function isUnchanged(
  { settings, cwd }: EarlierRun,
  name: OptionName,
  { isPath, default: byDefault }: Option<unknown>,
  now: unknown,
): boolean {
  const before = settings[name] ?? byDefault
  if (isPath === true && typeof before === 'string')
    return typeof now === 'string' && resolve(cwd, before) === resolve(now)
  // Compared as JSON, as the journal stores them.
  return sameJson(JSON.parse(JSON.stringify(before ?? null)) as Json, JSON.parse(JSON.stringify(now)) as Json)
}

function cannotChange(
  { run, settings }: EarlierRun,
  name: OptionName,
  { default: byDefault }: Option<unknown>,
  now: unknown,
): TrackSyncError {
  const before = shown(settings[name] ?? byDefault ?? 'nothing')
  const came = shown(now)
  const message = `\`${name}\` cannot change on resume: the run ${run} has ${before}, but ${came} was given.`
  return new TrackSyncError('settings_invalid', message, {
    field: name,
    expected: `${before}, or no value`,
    came,
    next: 'Leave it out, or start a new run with it.',
  })
}

function checkJournaled(
  form: Option<unknown>['form'],
  before: Json,
  name: OptionName,
  { run }: EarlierRun,
): unknown {
  try {
    return checkValue(form, before, name)
  } catch (error) {
    if (!(error instanceof TrackSyncError)) throw error
    const message = `The journal of the run ${run} has an invalid setting: ${error.message}`
    throw new TrackSyncError('run_unreadable', message, {
      ...error.problem,
      next: 'Set it again if a resume may change it; otherwise start a new run.',
    })
  }
}
