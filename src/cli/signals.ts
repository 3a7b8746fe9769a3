import { exits, type Stop } from '../model/exit.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Console } from './console.ts'
import { printNext } from './next-step.ts'

/** What a command does on a signal. */
export interface OnSignal {
  /** Starts the orderly shutdown: work in progress ends, and the command returns. */
  stop: (reason: Stop) => void
  /** The last output before the process exits early: at a second signal, or if the shutdown takes too long. */
  leave: (exitCode: number) => void
  /** How long the shutdown may take, asked when it starts. */
  patienceMs: () => number
}

/** How long a shutdown may take with requests in flight. Twenty seconds are promised; one is for the last output. */
export const sendingPatienceMs = 19_000
/** If nothing was sent, only the cleanup has to finish. */
export const idlePatienceMs = 5_000
/** Whatever still keeps the process alive then hangs: a pipe that nobody opens, a disk that is gone. */
const leftoverMs = 1_000

/** Where a process is to end at once, its threads get this long to finish. */
const threadsMs = 200

const signals = { SIGINT: 'Interrupted.', SIGTERM: 'Terminated.' } as const
type SignalName = keyof typeof signals

/** Where signals come from, and how the process exits; tests replace it. */
export interface Process {
  on: (signal: SignalName, listener: (signal: SignalName) => void) => unknown
  off: (signal: SignalName, listener: (signal: SignalName) => void) => unknown
  quit: (signal: SignalName, exitCode: number) => void
}

/**
 * The first signal starts an orderly shutdown, the second exits at once, and so does a shutdown that takes too long. Until
 * the returned function is called, a signal does not end the process by itself; afterwards, a signal that was received
 * does, whatever still hangs.
 */
export function onSignals({ stop, leave, patienceMs }: OnSignal, target: Process = thisProcess): () => void {
  let received: { signal: SignalName; code: number; late: NodeJS.Timeout } | undefined

  function onSignal(signal: SignalName): void {
    const code = signal === 'SIGINT' ? 130 : 143
    if (received !== undefined) return exitNow(received.signal, received.code)
    const late = setTimeout(() => exitNow(signal, code), patienceMs()).unref()
    received = { signal, code, late }
    stop({ exit: signal === 'SIGINT' ? 'interrupted' : 'terminated', message: signals[signal] })
  }

  function exitNow(signal: SignalName, code: number): void {
    release()
    clearTimeout(received?.late)
    leave(code)
    target.quit(signal, code)
  }

  function release(): void {
    for (const signal of names) target.off(signal, onSignal)
  }

  for (const signal of names) target.on(signal, onSignal)
  return () => {
    release()
    if (received === undefined) return
    const { signal, code, late } = received
    clearTimeout(late)
    setTimeout(() => target.quit(signal, code), leftoverMs).unref()
  }
}

const names = Object.keys(signals) as SignalName[]

const thisProcess: Process = {
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
  quit,
}

/**
 * Ends this process, whatever hangs. `process.exit` waits for the threads that read, write and look names up, and one that
 * waits for a pipe never comes back; the signal itself waits for nobody. A shell sees the same code either way.
 */
function quit(signal: SignalName, code: number): void {
  const until = performance.now() + threadsMs
  const attempt = () => {
    const isBusy = process
      .getActiveResourcesInfo()
      .some(name => /^(?:FSReq|GetAddrInfoReq|GetNameInfoReq)/.test(name))
    if (!isBusy) process.exit(code)
    if (performance.now() < until) return void setTimeout(attempt, 10)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // The first process of a container is not ended by its own signal.
    process.exit(code)
  }
  attempt()
}

export async function stoppable(
  console: Console,
  outcome: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController()
  function reportStop(): number {
    const { exit, message } = stop.signal.reason as Stop
    console.error(`track-sync: ${message} ${outcome}`, { event: 'stopped', level: 'info' })
    printNext(console, nextSteps.again())
    return exits[exit].code
  }
  const release = onSignals({
    stop: reason => stop.abort(reason),
    leave: () => void reportStop(),
    patienceMs: () => idlePatienceMs,
  })
  try {
    return await work(stop.signal)
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return reportStop()
    throw error
  } finally {
    release()
  }
}
