import { exits, type Stop } from '../index.ts'
import { type Console, sayNext } from './console.ts'
import { nextSteps } from '../model/next-command.ts'
import { idlePatienceMs, onSignals } from './signals.ts'

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
