import { defaults, type Rate, type Readings, readRun, resume, resumeSettings } from '../index.ts'
import { type Origins, settleConflicts } from '../options/conflicts.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { sendAloud } from './sending.ts'
import { readTarget, sandboxFor, sandboxTarget, targetOf } from './target.ts'
import { pick, type Values } from './to-options.ts'

/** `track-sync resume`: goes on with a run that was interrupted, stopped or killed. */
export async function resumeCommand(
  [run = 'latest']: string[],
  given: Values,
  console: Console,
  origins?: Origins,
): Promise<number> {
  const { runsDir = defaults.runsDir, newKey = false } = given
  return await sendAloud('resume', given, console, async hooks => {
    const folder = await findRun(runsDir, run)
    const head = await readRun(folder)
    const isSandbox = head?.target === sandboxTarget
    // What was sent to a sandbox goes on in one, whatever host is named for others.
    const values = settleConflicts(isSandbox ? { ...given, sandbox: true } : given, origins)
    const rate = values.rate ?? (head?.settings['rate'] as Rate | undefined) ?? defaults.rate
    const readings = head?.settings['readings'] as Partial<Readings> | undefined
    const sandbox = isSandbox ? await sandboxFor(rate, readings) : undefined
    try {
      const target =
        sandbox === undefined
          ? await readTarget({ ...(head === undefined ? {} : { url: head.url }), ...values })
          : targetOf(sandbox)
      return await resume(folder, {
        ...pick(values, resumeSettings),
        ...target,
        ...hooks,
        newKey,
      })
    } finally {
      await sandbox?.close()
    }
  })
}
