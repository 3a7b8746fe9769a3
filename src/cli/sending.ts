import { comparisonText, exits, type ImportOptions, type Receipt, type Stop, summaryText } from '../index.ts'
import type { Clock } from '../model/clock.ts'
import { stopOf } from '../model/exit.ts'
import { sayPlace } from '../model/problem.ts'
import type { RunFacts } from '../model/run-facts.ts'
import { systemClock } from '../rate-limit/system-clock.ts'
import { count, verdictOnRun } from '../report/summary-text.ts'
import { toDoLines } from '../report/to-do.ts'
import type { Console } from './console.ts'
import { fail } from './fail.ts'
import { createMetrics } from './metrics-file.ts'
import { printNext, stepAfter, stepAfterExit } from './next-step.ts'
import { createProgress } from './progress-bar.ts'
import { idlePatienceMs, onSignals, sendingPatienceMs } from './signals.ts'
import type { Values } from './to-options.ts'

/** What a run reports on its way, and what stops it. */
export type Hooks = Required<Pick<ImportOptions, 'stop' | 'onStart' | 'onProgress'>>

/**
 * Sends, shows the progress and handles signals; ends with the summary on stdout and the next command on stderr. A run
 * that never began returns its exit code instead of a receipt.
 */
export async function sendWithProgress(
  command: 'import' | 'resume' | 'audit' | 'undo',
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
  const onStart: Hooks['onStart'] = (current, runFolder) => {
    folder = runFolder
    metrics.start(current, runFolder)
    progress.start(current)
  }
  const onProgress: Hooks['onProgress'] = current => {
    metrics.update(current)
    progress.update(current)
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
      printNext(console, stepAfterExit(folder, console.typed))
      metrics.finish(exitCode)
    },
    patienceMs: () => (folder === undefined ? idlePatienceMs : sendingPatienceMs),
  })
  const code = await work()
  metrics.finish(code)
  return code

  /** The exit code of a run that was stopped before there was anything to report. */
  function stoppedEarly({ exit, message }: Stop): number {
    console.error(`track-sync: ${message} Nothing was sent.`, { event: 'stopped', level: 'info' })
    printNext(console, stepAfterExit(folder, console.typed))
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
      const reason = stop.signal.aborted ? stopOf(stop.signal) : undefined
      if (reason !== undefined && error === reason) return stoppedEarly(reason)
      return fail(error, console, command, folder, reason)
    } finally {
      progress.finish()
      release()
    }
  }
}

/** Prints the summary, what is left to do, the path of the page, and what to type next unless the page opens anyway. */
export function printReceipt(receipt: Receipt, console: Console, opensPage = false): void {
  const { summary, facts, folder, reportFolder, files, comparison } = receipt
  const compared = comparison === undefined ? {} : { comparison }
  if (console.json) console.out(JSON.stringify({ ...summary, ...compared }, null, 2))
  else {
    // A redacted report is for others; it contains nothing to fix or to import.
    const toDo = reportFolder === folder ? toDoLines(summary, files) : []
    console.out(summaryText(summary, facts, console.paintOut))
    console.out([''].concat(toDo, `  report    ${reportFolder}/report.html`).join('\n'))
    if (comparison !== undefined) {
      const { before, changes, file } = comparison
      console.out(`\n${comparisonText(before, summary, changes, file, console.paintOut)}`)
    }
  }
  const { run, status, exitCode, mode, objects, requests, lookups } = summary
  if (reportFolder === folder) sayUnusable(facts, console)
  if (console.isLog === true) {
    console.log(verdictOnRun(summary, facts), {
      event: 'end',
      run,
      folder,
      status,
      exitCode,
      mode,
      objects,
      requests,
      lookups,
    })
    if (comparison !== undefined) {
      const { before, changes, file } = comparison
      console.log(`Compared with ${before.run}.`, { event: 'comparison', before: before.run, changes, file })
    }
  }
  if (facts.stop?.next !== undefined) console.error(facts.stop.next, { event: 'hint', level: 'info' })
  if (!opensPage || status !== 'finished')
    printNext(console, stepAfter(receipt, console.typed), exitCode !== exits.ok.code)
}

/** Records of an export on disk that an audit could not use; their users count as missing. */
function sayUnusable({ exported }: RunFacts, console: Console): void {
  if (exported === null || exported.unusable === 0) return
  const { unusable, problems } = exported
  const said = `${count(unusable, 'record')} of the export cannot be used; a user in ${unusable === 1 ? 'it' : 'one of them'} counts as missing.`
  console.error(`track-sync: ${said}`, { event: 'export_unusable', level: 'warn', unusable, problems })
  const shown = problems.slice(0, unusableShown)
  for (const problem of shown) console.error(`  ${sayPlace(problem)}: ${problem.message}`, { isDetail: true })
  if (unusable > shown.length)
    console.error(`  and ${count(unusable - shown.length, 'more record')}`, { isDetail: true })
}

const unusableShown = 5
