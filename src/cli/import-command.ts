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
import { sayNext } from './next-step.ts'
import { agreed, sayPlan, sayQuestion } from './say-plan.ts'
import { type Hooks, sendAloud } from './sending.ts'
import { readTarget, sandboxFor, targetOf } from './target.ts'
import { importOptions, pick, type Values } from './to-options.ts'

/** `track-sync import`: the whole river, with a question before it where somebody is there to answer. */
export async function importCommand(
  files: string[],
  given: Values,
  console: Console,
  origins?: Origins,
): Promise<number> {
  const { rate = defaults.rate, readings } = given
  const sandbox = given.sandbox === true ? await sandboxFor(rate, readings) : undefined
  try {
    return await sendAloud('import', given, console, async hooks => {
      const values = settleConflicts(given, origins)
      const options: ImportOptions = {
        ...(await importOptions(files, values)),
        ...(sandbox === undefined ? await readTarget(values) : targetOf(sandbox)),
        ...(await earlierRun(values)),
        ...hooks,
      }
      if (values.once === true) {
        const { id, folder, hasBegun } = await onceRun(options)
        if (hasBegun) return await goOn(folder, values, options, hooks, console)
        options.runId = id
      }
      const send = async (more: Partial<ImportOptions>): Promise<Receipt> => {
        try {
          return await importFiles({ ...options, ...more })
        } catch (error) {
          // Another process has begun to send the same files just now.
          if (values.once !== true || !isProblem(error, 'run_exists')) throw error
          const { folder } = await onceRun(options)
          return await goOn(folder, values, options, hooks, console)
        }
      }
      const terms = {
        perMinute: perMinute(rate),
        isMost: options.coalesce === true || options.skipUnchanged !== undefined,
        maxErrors: options.maxErrors ?? defaults.maxErrors,
      }
      const asks = sandbox === undefined && values.yes !== true && process.stdin.isTTY && process.stderr.isTTY
      if (!asks) {
        const onPlan = (planned: Plan) => sayPlan(planned, terms, console)
        return await send({ onPlan })
      }
      const planned = await plan(options, hooks.stop.signal)
      // Who is asked must see what about, quiet or not.
      sayPlan(planned, terms, console, true)
      if (await agreed(sayQuestion(planned, terms, options.url), console, hooks.stop.signal)) {
        return await send({ plan: planned })
      }
      hooks.stop.signal.throwIfAborted()
      console.error('Nothing was sent.', { event: 'declined', level: 'info' })
      const spent = spentByPlan(planned, terms.maxErrors)
      sayNext(
        console,
        nextSteps.sendUnasked(spent === undefined ? {} : { 'max-errors': String(spent.needed) }),
      )
      return exits.usage.code
    })
  } finally {
    await sandbox?.close()
  }
}

/** Goes on with the run of the very same files; where that has finished, its receipt is all there is to tell. */
async function goOn(
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

/** The run whose verified values need not be sent again; found before this one begins, or `latest` would be this one. */
async function earlierRun({ skipUnchanged, runsDir = defaults.runsDir }: Values) {
  if (skipUnchanged === undefined) return {}
  return { skipUnchanged: await findRun(runsDir, skipUnchanged) }
}

function isProblem(error: unknown, code: ProblemCode): boolean {
  return error instanceof TrackSyncError && error.code === code
}
