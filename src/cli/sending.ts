import { comparisonText, exits, type ImportOptions, type Receipt, type Stop, summaryText } from '../index.ts'
import type { Clock } from '../model/clock.ts'
import { stopOf } from '../model/exit.ts'
import { systemClock } from '../rate-limit/system-clock.ts'
import { verdictOnRun } from '../report/summary-text.ts'
import { toDoLines } from '../report/to-do.ts'
import type { Console } from './console.ts'
import { fail } from './fail.ts'
import { createMetrics } from './metrics-file.ts'
import { sayNext, stepAfter, stepAfterLeaving } from './next-step.ts'
import { createProgress } from './progress-bar.ts'
import { idlePatienceMs, onSignals, sendingPatienceMs } from './signals.ts'
import type { Values } from './to-options.ts'

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
  clock: Clock = systemClock,
): Promise<number> {
  const progress = createProgress(console, clock)
  const stop = new AbortController()
  let folder: string | undefined
  const metrics = createMetrics(values.metrics, clock, message => {
    progress.say(message, { event: 'metrics_failed', level: 'warn' })
  })
  const onStart: Hooks['onStart'] = (standing, where) => {
    folder = where
    metrics.start(standing, where)
    progress.start(standing)
  }
  const onProgress: Hooks['onProgress'] = standing => {
    metrics.update(standing)
    progress.update(standing)
  }
  const release = onSignals({
    stop: reason => {
      const message =
        folder === undefined
          ? 'Stopping: nothing has been sent. Press Ctrl-C again to exit at once.'
          : 'Stopping: waiting for the requests in flight. Press Ctrl-C again to exit at once.'
      progress.say(message, { event: 'stopping', level: 'info' })
      stop.abort(reason)
    },
    leave: exitCode => {
      progress.finish()
      sayNext(console, stepAfterLeaving(folder, console.typed))
      metrics.finish(exitCode)
    },
    patienceMs: () => (folder === undefined ? idlePatienceMs : sendingPatienceMs),
  })
  const code = await work()
  metrics.finish(code)
  return code

  /** The exit code of a run that was told to stop before there was anything to tell of it. */
  function stoppedEarly({ exit, message }: Stop): number {
    console.error(`track-sync: ${message} Nothing was sent.`, { event: 'stopped', level: 'info' })
    sayNext(console, stepAfterLeaving(folder, console.typed))
    return exits[exit].code
  }

  async function work(): Promise<number> {
    try {
      metrics.begin()
      const receipt = await run({ stop, onStart, onProgress })
      progress.finish()
      if (typeof receipt === 'number') return receipt
      metrics.ended(receipt.summary)
      printReceipt(receipt, console)
      return receipt.summary.exitCode
    } catch (error) {
      progress.finish()
      const told = stop.signal.aborted ? stopOf(stop.signal) : undefined
      if (told !== undefined && error === told) return stoppedEarly(told)
      return fail(error, console, command, folder, told)
    } finally {
      progress.finish()
      release()
    }
  }
}

/** The summary, what is left to do, where the page lies, and what to type next; not to open a page that opens anyway. */
export function printReceipt(receipt: Receipt, console: Console, isShown = false): void {
  const { summary, facts, folder, reportFolder, files, comparison } = receipt
  const compared = comparison === undefined ? {} : { comparison }
  if (console.json) console.out(JSON.stringify({ ...summary, ...compared }, null, 2))
  else {
    // What is redacted is for others; there is nothing in it to mend or to send again.
    const toDo = reportFolder === folder ? toDoLines(summary, files) : []
    console.out(summaryText(summary, facts, console.paintOut))
    console.out([''].concat(toDo, `  report    ${reportFolder}/report.html`).join('\n'))
    if (comparison !== undefined) {
      const { before, changes, file } = comparison
      console.out(`\n${comparisonText(before, summary, changes, file, console.paintOut)}`)
    }
  }
  const { run, status, exitCode, objects, requests } = summary
  if (console.isLog === true) {
    console.log(verdictOnRun(summary, facts), {
      event: 'end',
      run,
      folder,
      status,
      exitCode,
      objects,
      requests,
    })
    if (comparison !== undefined) {
      const { before, changes, file } = comparison
      console.log(`Compared with ${before.run}.`, { event: 'comparison', before: before.run, changes, file })
    }
  }
  if (facts.stop?.next !== undefined) console.error(facts.stop.next, { event: 'hint', level: 'info' })
  if (!isShown || status !== 'finished') sayNext(console, stepAfter(receipt), exitCode !== exits.ok.code)
}
