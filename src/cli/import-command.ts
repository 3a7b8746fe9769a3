import {
  defaults,
  exits,
  importFiles,
  type ImportOptions,
  onceRun,
  perMinute,
  type Plan,
  plan,
  type ProblemCode,
  type Receipt,
  report,
  resume,
  resumeSettings,
  TrackSyncError,
} from '../index.ts'
import { nextSteps } from '../model/next-command.ts'
import { spentByPlan } from '../model/progress.ts'
import { type Origins, settleConflicts } from '../options/conflicts.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { printNext } from './next-step.ts'
import { confirmed, printPlan, questionText } from './print-plan.ts'
import { type Hooks, sendWithProgress } from './sending.ts'
import { readTarget, sandboxFor, targetOf } from './target.ts'
import { importOptions, pick, type Values } from './to-options.ts'

/** `track-sync import`: plans, asks if there is a terminal to ask on, and sends. */
export async function importCommand(
  files: string[],
  settings: Values,
  console: Console,
  origins?: Origins,
): Promise<number> {
  const { rate = defaults.rate, lookupRate = defaults.lookupRate, readings } = settings
  const sandbox = settings.sandbox === true ? await sandboxFor(rate, lookupRate, readings) : undefined
  try {
    return await sendWithProgress('import', settings, console, async hooks => {
      const values = settleConflicts(settings, origins)
      const options: ImportOptions = {
        ...(await importOptions(files, values)),
        ...(sandbox === undefined ? await readTarget(values) : targetOf(sandbox)),
        ...(await earlierRun(values)),
        ...hooks,
      }
      if (values.once === true) {
        const { id, folder, hasBegun } = await onceRun(options)
        if (hasBegun) return await resumeOrReport(folder, values, options, hooks, console)
        options.runId = id
      }
      const send = async (more: Partial<ImportOptions>): Promise<Receipt> => {
        try {
          return await importFiles({ ...options, ...more })
        } catch (error) {
          // Another process has just started to send the same files.
          if (values.once !== true || !isProblem(error, 'run_exists')) throw error
          const { folder } = await onceRun(options)
          return await resumeOrReport(folder, values, options, hooks, console)
        }
      }
      const terms = {
        perMinute: perMinute(rate),
        isMost: options.coalesce === true || options.skipUnchanged !== undefined,
        maxErrors: options.maxErrors ?? defaults.maxErrors,
      }
      const needsConsent =
        sandbox === undefined && values.yes !== true && process.stdin.isTTY && process.stderr.isTTY
      if (!needsConsent) {
        const onPlan = (planned: Plan) => printPlan(planned, terms, console)
        return await send({ onPlan })
      }
      const planned = await plan(options, hooks.stop.signal)
      // The plan is shown even with --quiet: the question is about it.
      printPlan(planned, terms, console, true)
      if (await confirmed(questionText(planned, terms, options.url), console, hooks.stop.signal)) {
        return await send({ plan: planned })
      }
      hooks.stop.signal.throwIfAborted()
      console.error('Nothing was sent.', { event: 'declined', level: 'info' })
      const overspent = spentByPlan(planned, terms.maxErrors)
      printNext(
        console,
        nextSteps.sendUnasked(overspent === undefined ? {} : { 'max-errors': String(overspent.needed) }),
      )
      return exits.usage.code
    })
  } finally {
    await sandbox?.close()
  }
}

/** Resumes the run of the same files; if it has finished, reports it. */
async function resumeOrReport(
  folder: string,
  values: Values,
  { url, key, target = new URL(url).origin }: ImportOptions,
  hooks: Hooks,
  console: Console,
): Promise<Receipt> {
  try {
    return await resume(folder, { ...pick(values, resumeSettings), url, key, target, ...hooks })
  } catch (error) {
    if (!isProblem(error, 'run_finished')) throw error
    const message = `These files were already sent by ${folder}. Nothing was sent now.`
    console.log(message, { event: 'sent_before', folder })
    return await report(folder)
  }
}

/** The baseline of `--skip-unchanged`; found before this run begins, or `latest` would be this run. */
async function earlierRun({ skipUnchanged, runsDir = defaults.runsDir }: Values) {
  if (skipUnchanged === undefined) return {}
  return { skipUnchanged: await findRun(runsDir, skipUnchanged) }
}

function isProblem(error: unknown, code: ProblemCode): boolean {
  return error instanceof TrackSyncError && error.code === code
}
