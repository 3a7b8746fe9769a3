import { defaults, type Rate, type Readings, readRun, resume, resumeSettings } from '../index.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { pick, type Values } from './options.ts'
import { sendAloud } from './sending.ts'
import { readTarget, sandboxFor, sandboxTarget, targetOf } from './target.ts'

/** `track-sync resume`: goes on with a run that was interrupted, stopped or killed. */
export async function resumeCommand(
  [run = 'latest']: string[],
  values: Values,
  console: Console,
): Promise<number> {
  const { runsDir = defaults.runsDir, url, newKey } = values
  return await sendAloud('resume', values, console, async hooks => {
    const folder = await findRun(String(runsDir), run)
    const head = await readRun(folder)
    const settings = { ...head?.settings, ...pick(values, resumeSettings) }
    const rate = (settings['rate'] as Rate | undefined) ?? defaults.rate
    const isSandbox = head?.target === sandboxTarget
    const sandbox = isSandbox ? await sandboxFor(rate, settings['readings'] as Partial<Readings>) : undefined
    try {
      const target =
        sandbox === undefined
          ? await readTarget({ ...values, rate, url: url ?? head?.url })
          : targetOf(sandbox)
      return await resume(folder, {
        ...pick(values, resumeSettings),
        ...target,
        ...hooks,
        newKey: newKey === true,
      })
    } finally {
      await sandbox?.close()
    }
  })
}
