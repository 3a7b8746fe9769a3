import { join, resolve } from 'node:path'
import { defaults, findRunFolder, report, summaryText } from '../index.ts'
import type { Console } from './console.ts'
import { nextCommand } from './next.ts'
import type { Values } from './options.ts'

/** `track-sync report`: the same files again from the journal alone. It ends with the exit code of the run. */
export async function reportCommand(
  [run = 'latest']: string[],
  values: Values,
  console: Console,
): Promise<number> {
  const { runsDir } = values
  const folder = await findRunFolder(typeof runsDir === 'string' ? runsDir : defaults.runsDir, run)
  const receipt = await report(folder)
  console.out(
    console.json ? JSON.stringify(receipt.summary, null, 2) : summaryText(receipt.summary, receipt.facts),
  )
  const page = join(folder, 'report.html')
  if (!console.json) console.out(`\n  report    ${page}`)
  if (values['open'] === true) {
    const { default: open } = await import('open')
    await open(resolve(page))
  }
  const next = nextCommand(receipt)
  if (next !== undefined) console.error(`Next: ${next}`)
  return receipt.summary.exitCode
}
