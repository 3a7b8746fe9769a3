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
): Promise<number> {
  const { runsDir } = values
  const folder = await findRun(typeof runsDir === 'string' ? runsDir : defaults.runsDir, run)
  const receipt = await report(folder)
  printReceipt(receipt, console)
  if (values['open'] === true) {
    const { default: open } = await import('open')
    await open(resolve(join(folder, 'report.html')))
  }
  return receipt.summary.exitCode
}
