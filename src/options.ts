import { resolve } from 'node:path'
import type { RunEntry } from './journal/entry.ts'
import { type Json, type JsonObject, sameJson } from './model/json.ts'
import { TrackSyncError } from './model/problem.ts'
import { type ResumeSetting, rows } from './options/all-options.ts'
import { checkOptions, checkValue, shown } from './options/check-options.ts'
import type { ImportOptions, PlanOptions, ReportOptions } from './options/declared.ts'
import type { Option, OptionName } from './options/option.ts'
import type { SandboxOptions } from './sandbox/server.ts'

export type { ImportOptions, PlanOptions, ReportOptions } from './options/declared.ts'
export { refuseConflicts } from './options/conflicts.ts'
export { defaults, resumeSettings } from './options/all-options.ts'

/**
 * How to go on with a run: everything that does not change what is sent. What is not said stays as the run had it. The
 * files are found where they were, unless `files` brings them. The other options of the run may be given, too, so that
 * one object does for both; where one is not what it was, that is an error.
 */
export interface ResumeOptions
  extends Pick<ImportOptions, 'key' | 'stop' | 'onPlan' | 'onStart' | 'onProgress'>,
    Partial<Pick<ImportOptions, ResumeSetting | 'url' | 'target' | 'files'>> {
  /** The key may be another than before: it was replaced by a new one of the same workspace. Default false. */
  newKey?: boolean
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

export function checkReportOptions(options: ReportOptions): ReportOptions {
  return checkOptions('report', options)
}

export function checkSandboxOptions(options: SandboxOptions): SandboxOptions {
  return checkOptions('createSandbox', options)
}

/** What the journal keeps of the options: what the table names, and nothing else. */
export function settingsOf(options: ImportOptions): JsonObject {
  return kept(options, ({ journaled }) => journaled !== undefined)
}

/** What tells one run from another for `--once`. */
export function identityOf(options: ImportOptions): JsonObject {
  return kept(options, ({ identity }) => identity === true)
}

function kept(options: ImportOptions, keeps: (row: Option<unknown>) => boolean): JsonObject {
  const given = new Map<string, unknown>(Object.entries(options))
  const entries = rows.flatMap(([name, row]) => {
    const value = given.get(name)
    if (value === undefined || !keeps(row)) return []
    return [[name, row.journaled === 'absolute' && typeof value === 'string' ? resolve(value) : value]]
  })
  return JSON.parse(JSON.stringify(Object.fromEntries(entries))) as JsonObject
}

/** What is needed of the first line of a journal. */
type Before = Pick<RunEntry, 'run' | 'settings' | 'cwd'>

/** The options of a run as its journal has them, with what a resume says on top. */
export function resumedOptions(run: Before, given: ResumeOptions): Omit<ImportOptions, 'files' | 'url'> {
  const options = new Map<OptionName, unknown>()
  const said = new Map<string, unknown>(Object.entries(given))
  for (const [name, row] of rows) {
    const { calls = [], journaled, resumable, form } = row
    const now = said.get(name)
    if (resumable === true || (journaled === undefined && calls.includes('resume'))) {
      if (now !== undefined) options.set(name, now)
    } else if (now !== undefined && !isAsBefore(run, name, row, now)) throw mayNotChange(run, name, row, now)
    const before = run.settings[name]
    // What a journal holds beside the table came from an older version, which kept all that it was given.
    if (journaled === undefined || before === undefined || options.has(name)) continue
    options.set(name, checkKept(form, before, name, run))
  }
  return Object.fromEntries(options) as unknown as Omit<ImportOptions, 'files' | 'url'>
}

function isAsBefore(
  { settings, cwd }: Before,
  name: OptionName,
  { isPath, default: byDefault }: Option<unknown>,
  now: unknown,
): boolean {
  const before = settings[name] ?? byDefault
  if (isPath === true && typeof before === 'string')
    return typeof now === 'string' && resolve(cwd, before) === resolve(now)
  // As the journal has values: what JSON does not keep makes no difference.
  return sameJson(JSON.parse(JSON.stringify(before ?? null)) as Json, JSON.parse(JSON.stringify(now)) as Json)
}

function mayNotChange(
  { run, settings }: Before,
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

function checkKept(form: Option<unknown>['form'], before: Json, name: OptionName, { run }: Before): unknown {
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
