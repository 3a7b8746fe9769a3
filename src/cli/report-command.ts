import { join, resolve } from 'node:path'
import { defaults, report } from '../index.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { printReceipt } from './sending.ts'
import { stoppable } from './signals.ts'
import type { Values } from './to-options.ts'

/** `track-sync report`: rebuilds the report from the journal alone. Its exit code is that of the run. */
export async function reportCommand(
  [run = 'latest']: string[],
  values: Values,
  console: Console,
): Promise<number> {
  return await stoppable(console, 'The report is incomplete; the run is unchanged.', async signal => {
    const { runsDir = defaults.runsDir, compare, redact = false, open: opensPage = false } = values
    const folder = await findRun(runsDir, run)
    const other = compare === undefined ? undefined : await findRun(runsDir, compare)
    const options = { redact, ...(other === undefined ? {} : { compare: other }) }
    const receipt = await report(folder, options, signal)
    printReceipt(receipt, console, opensPage)
    if (opensPage) {
      const { default: open } = await import('open')
      await open(resolve(join(receipt.reportFolder, 'report.html')))
    }
    return receipt.summary.exitCode
  })
}
