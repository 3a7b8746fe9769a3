import { defaults, type ImportOptions, type Rate, type Receipt, type Stop, summaryText } from '../index.ts'
import type { Console } from './console.ts'
import { fail } from './fail.ts'
import { nextCommand, quote } from './next.ts'
import type { Values } from './options.ts'
import { createProgress } from './progress.ts'

/** What a run tells on its way, and what tells it to stop. */
export type Hooks = Required<Pick<ImportOptions, 'stop' | 'onStart' | 'onProgress'>>

/**
 * Sends with a bar and an ear for signals; ends with the summary on stdout and the next command on stderr. A run that
 * never began gives its exit code instead of a receipt.
 */
export async function sendAloud(
  command: 'import' | 'resume',
  values: Values,
  console: Console,
  run: (hooks: Hooks) => Promise<Receipt | number>,
): Promise<number> {
  const progress = createProgress(console, (values['rate'] as Rate | undefined) ?? defaults.rate)
  const stop = new AbortController()
  let folder: string | undefined
  const onStart: Hooks['onStart'] = (standing, where) => {
    folder = where
    progress.start(standing)
  }
  const release = stopOnSignals(stop, console, () => {
    progress.finish()
    console.error(`Next: track-sync resume ${quote(folder ?? 'latest')}`)
  })
  try {
    const receipt = await run({ stop, onStart, onProgress: progress.update })
    progress.finish()
    if (typeof receipt === 'number') return receipt
    printReceipt(receipt, console)
    return receipt.summary.exitCode
  } catch (error) {
    progress.finish()
    const told = stop.signal.aborted ? (stop.signal.reason as Stop) : undefined
    return fail(error, console, command, folder, told)
  } finally {
    progress.finish()
    release()
  }
}

/** The summary, where the page lies, and what to type next. */
export function printReceipt(receipt: Receipt, console: Console): void {
  const { summary, facts, folder } = receipt
  console.out(console.json ? JSON.stringify(summary, null, 2) : summaryText(summary, facts))
  if (!console.json) console.out(`\n  report    ${folder}/report.html`)
  const next = nextCommand(receipt)
  if (facts.stop?.next !== undefined) console.error(facts.stop.next)
  if (next !== undefined) console.error(`Next: ${next}`)
}

/** Once: no new requests, wait for those in flight, write the report. Twice: out; the journal has it all. */
function stopOnSignals(stop: AbortController, console: Console, leave: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    const exit = signal === 'SIGINT' ? 'interrupted' : 'terminated'
    if (stop.signal.aborted) {
      leave()
      process.exit(exit === 'interrupted' ? 130 : 143)
    }
    console.error('Stopping: waiting for the requests in flight. Once more to leave at once.')
    stop.abort({ exit, message: signal === 'SIGINT' ? 'Interrupted.' : 'Terminated.' } satisfies Stop)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
}
