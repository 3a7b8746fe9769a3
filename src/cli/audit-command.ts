import { existsSync } from 'node:fs'
import { audit, type AuditOptions, auditRun, defaults, findRunFolder } from '../index.ts'
import type { Console } from './console.ts'
import { printPlan } from './print-plan.ts'
import { sendWithProgress } from './sending.ts'
import { readTarget } from './target.ts'
import { auditOptions, type Values } from './to-options.ts'

/** `track-sync audit`: compares files, or an earlier run, with the profiles, and writes nothing to them. */
export async function auditCommand(operands: string[], values: Values, console: Console): Promise<number> {
  return await sendWithProgress('audit', values, console, async hooks => {
    const { runsDir = defaults.runsDir, against } = values
    const terms = { perMinute: null, isMost: false, maxErrors: defaults.maxErrors }
    const options: AuditOptions = {
      ...(await auditOptions(operands, values)),
      ...(against === undefined ? await readTarget(values, 'users.export.ids') : {}),
      ...hooks,
      onPlan: planned => printPlan(planned, terms, console),
    }
    const earlier = await runOf(operands, runsDir)
    if (earlier === undefined) return await audit(options)
    const { files: _files, ...others } = options
    return await auditRun(earlier, others)
  })
}

/** The run that is meant; undefined where files are. */
async function runOf(operands: readonly string[], runsDir: string): Promise<string | undefined> {
  const [run = ''] = operands
  if (operands.length !== 1 || (existsSync(run) && !existsSync(`${run}/journal.ndjson`))) return undefined
  return await findRunFolder(runsDir, run).catch(() => undefined)
}
