import { exits, type Stop } from '../model/exit.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Console } from './console.ts'
import { sayNext } from './next-step.ts'

/** What a command does when it is told to stop. */
export interface OnSignal {
  /** Begins the orderly end: whatever is under way is brought to an end, and the command returns. */
  stop: (reason: Stop) => void
  /** Last words before the process ends in the middle: at a second signal, or where the orderly end takes too long. */
  leave: (exitCode: number) => void
  /** How long the orderly end may take, asked when it begins. */
  patienceMs: () => number
}

/** An orderly end may take so long where requests are in flight. Twenty seconds are promised; one is for what comes last. */
export const sendingPatienceMs = 19_000
/** Where nothing was sent there is nothing to wait for but what tidies up. */
export const idlePatienceMs = 5_000
/** What keeps a process alive after its command has ended hangs: a pipe that nobody opens, a disk that is gone. */
const leftoverMs = 1_000

const signals = { SIGINT: 'Interrupted.', SIGTERM: 'Terminated.' } as const
type SignalName = keyof typeof signals

/** Where signals come from, and how a process ends; the tests have others. */
export interface Process {
  on: (signal: SignalName, listener: (signal: SignalName) => void) => unknown
  off: (signal: SignalName, listener: (signal: SignalName) => void) => unknown
  quit: (signal: SignalName, exitCode: number) => void
}

/**
 * The first signal stops in order, the second at once; and what does not come to its end in time is ended. Until the
 * function that is returned is called, a signal does not end the process by itself; afterwards, one that came does,
 * whatever still hangs.
 */
export function onSignals({ stop, leave, patienceMs }: OnSignal, own: Process = thisProcess): () => void {
  let came: { signal: SignalName; code: number; late: NodeJS.Timeout } | undefined

  function onSignal(signal: SignalName): void {
    const code = signal === 'SIGINT' ? 130 : 143
    if (came !== undefined) return out(came.signal, came.code)
    const late = setTimeout(() => out(signal, code), patienceMs()).unref()
    came = { signal, code, late }
    stop({ exit: signal === 'SIGINT' ? 'interrupted' : 'terminated', message: signals[signal] })
  }

  function out(signal: SignalName, code: number): void {
    release()
    clearTimeout(came?.late)
    leave(code)
    own.quit(signal, code)
  }

  function release(): void {
    for (const signal of names) own.off(signal, onSignal)
  }

  for (const signal of names) own.on(signal, onSignal)
  return () => {
    release()
    if (came === undefined) return
    const { signal, code, late } = came
    clearTimeout(late)
    setTimeout(() => own.quit(signal, code), leftoverMs).unref()
  }
}

const names = Object.keys(signals) as SignalName[]

const thisProcess: Process = {
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
  quit,
}

/**
 * Ends this process at once, whatever hangs. `process.exit` waits for the threads that read, write and look names up, and
 * one that waits for a pipe never comes back; not every Node says whether there is one. The signal itself waits for nobody,
 * and a shell sees the same code.
 */
function quit(signal: SignalName, code: number): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // The first process of a container is not ended by its own signal.
  process.exit(code)
}

/** Work that sends nothing: a signal ends it, and `left` says what is as it was. */
export async function stoppable(
  console: Console,
  left: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController()
  function told(): number {
    const { exit, message } = stop.signal.reason as Stop
    console.error(`track-sync: ${message} ${left}`, { event: 'stopped', level: 'info' })
    sayNext(console, nextSteps.again())
    return exits[exit].code
  }
  const release = onSignals({
    stop: reason => stop.abort(reason),
    leave: () => void told(),
    patienceMs: () => idlePatienceMs,
  })
  try {
    return await work(stop.signal)
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return told()
    throw error
  } finally {
    release()
  }
}
