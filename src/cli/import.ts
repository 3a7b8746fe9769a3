import { createInterface } from 'node:readline/promises'
import {
  createSandbox,
  defaults,
  importFiles,
  type ImportOptions,
  perMinute,
  plan,
  planText,
  type Rate,
  type Stop,
  summaryText,
} from '../index.ts'
import type { Console } from './console.ts'
import { nextCommand } from './next.ts'
import { importOptions, readReadings, readTarget, type Values } from './options.ts'
import { createProgress } from './progress.ts'

/** `track-sync import`: the whole river, with a question before it where somebody is there to answer. */
export async function importCommand(files: string[], values: Values, console: Console): Promise<number> {
  const rate = (values['rate'] as Rate | undefined) ?? defaults.rate
  const sandbox =
    values['sandbox'] === true
      ? await createSandbox({ limit: sandboxLimit(rate), readings: readReadings(values) ?? {} })
      : undefined
  const stop = new AbortController()
  const release = stopOnSignals(stop, console)
  const progress = createProgress(console, rate)
  try {
    const target =
      sandbox === undefined
        ? await readTarget(values)
        : { url: sandbox.url, key: 'sandbox', target: 'sandbox' }
    const options: ImportOptions = {
      ...(await importOptions(files, values)),
      ...target,
      stop,
      onPlan: planned => {
        if (options.plan === undefined) console.log(`Plan\n${planText(planned, perMinute(rate))}\n`)
        progress.start(planned.objects)
      },
      onProgress: progress.update,
    }
    if (sandbox === undefined && values['yes'] !== true && process.stdin.isTTY && process.stderr.isTTY) {
      const planned = await plan(options)
      process.stderr.write(`Plan\n${planText(planned, perMinute(rate))}\n\n`)
      if (!(await agreed(`Send ${planned.requests} requests to ${options.url}?`))) {
        console.error(`Nothing was sent.
Next: track-sync import ${files.join(' ')} --yes   (with the same settings)`)
        return 2
      }
      options.plan = planned
    }
    const receipt = await importFiles(options)
    progress.finish()
    console.out(
      console.json ? JSON.stringify(receipt.summary, null, 2) : summaryText(receipt.summary, receipt.facts),
    )
    if (!console.json) console.out(`\n  report    ${receipt.folder}/report.html`)
    const next = nextCommand(receipt)
    if (next !== undefined) console.error(`Next: ${next}`)
    return receipt.summary.exitCode
  } finally {
    progress.finish()
    release()
    await sandbox?.close()
  }
}

/** A sandbox that takes what the rate sends; one for a run without a rate counts nothing. */
function sandboxLimit(rate: Rate): number | 'off' {
  const requests = perMinute(rate)
  return requests === null ? 'off' : Math.max(500, Math.ceil(requests))
}

/** Once: no new requests, wait for those in flight, write the report. Twice: out. */
function stopOnSignals(stop: AbortController, console: Console): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    const exit = signal === 'SIGINT' ? 'interrupted' : 'terminated'
    if (stop.signal.aborted) process.exit(exit === 'interrupted' ? 130 : 143)
    console.error('Stopping: waiting for the requests in flight. Once more to leave at once.')
    stop.abort({ exit, message: signal === 'SIGINT' ? 'Interrupted.' : 'Terminated.' } satisfies Stop)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
}

/** Anything but yes is no; so is Ctrl-C, and an input that ends. */
async function agreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new Promise<string>(resolve => {
    terminal.once('SIGINT', () => terminal.close()).once('close', () => resolve(''))
  })
  const answer = await Promise.race([terminal.question(`${question} [y/N] `), left])
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
