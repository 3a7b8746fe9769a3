import { join, resolve } from 'node:path'
import { defaults, report } from '../index.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import type { Values } from './options.ts'
import { printReceipt } from './sending.ts'

/** `track-sync report`: the same files again from the journal alone. It ends with the exit code of the run. */
export async function reportCommand(
  [run = 'latest']: string[],
  values: Values,
  console: Console,
  signal?: AbortSignal,
): Promise<number> {
  const { runsDir = defaults.runsDir, compare, redact } = values
  const folder = await findRun(String(runsDir), run)
  const other = typeof compare === 'string' ? await findRun(String(runsDir), compare) : undefined
  const options = { redact: redact === true, ...(other === undefined ? {} : { compare: other }) }
  const receipt = await report(folder, options, signal)
  const opens = values['open'] === true
  printReceipt(receipt, console, opens)
  if (opens) {
    const { default: open } = await import('open')
    await open(resolve(join(receipt.reportFolder, 'report.html')))
  }
  return receipt.summary.exitCode
}
