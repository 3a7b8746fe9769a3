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
 * Ends this process at once, whatever hangs. `process.exit` waits for threads that read, write or look up names, and one
 * that waits for a pipe never returns; not every version of Node says whether there is one. The signal itself does not
 * wait, and a shell sees the same code.
 */
function quit(signal: SignalName, code: number): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // The first process of a container is not ended by its own signal.
  process.exit(code)
}

/** Runs work that sends nothing: a signal ends it, and `outcome` says what that means. */
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
