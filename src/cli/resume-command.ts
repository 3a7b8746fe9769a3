import { defaults, type Rate, type Readings, readRun, resume, resumeSettings } from '../index.ts'
import { type Origins, settleConflicts } from '../options/conflicts.ts'
import { neverResumed } from '../run/resume-checks.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { sendWithProgress } from './sending.ts'
import { readTarget, sandboxFor, sandboxTarget, targetOf } from './target.ts'
import { pick, type Values } from './to-options.ts'

/** `track-sync resume`: continues a run that was interrupted, stopped or killed. */
export async function resumeCommand(
  [run = 'latest']: string[],
  settings: Values,
  console: Console,
  origins?: Origins,
): Promise<number> {
  const { runsDir = defaults.runsDir, newKey = false, onlyUnknown = false } = settings
  return await sendWithProgress('resume', settings, console, async hooks => {
    const folder = await findRun(runsDir, run)
    const head = await readRun(folder)
    // Said before anybody has to look for a key.
    if (head?.audits === true) throw neverResumed(folder, head)
    const isSandbox = head?.target === sandboxTarget
    // A run that was sent to a sandbox continues in one, whatever host is set.
    const values = settleConflicts(isSandbox ? { ...settings, sandbox: true } : settings, origins)
    const rate = values.rate ?? (head?.settings['rate'] as Rate | undefined) ?? defaults.rate
    const readings = head?.settings['readings'] as Partial<Readings> | undefined
    const lookupRate = values.lookupRate ?? defaults.lookupRate
    const sandbox = isSandbox ? await sandboxFor(rate, lookupRate, readings) : undefined
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
        onlyUnknown,
      })
    } finally {
      await sandbox?.close()
    }
  })
}
