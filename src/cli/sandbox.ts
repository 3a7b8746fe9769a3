import { createSandbox, type SandboxOptions } from '../index.ts'
import type { Console } from './console.ts'
import { readReadings, type Values } from './options.ts'
import { idlePatienceMs, onSignals } from './signals.ts'

/** `track-sync sandbox`: the endpoint on this machine, until Ctrl-C. */
export async function sandboxCommand(_: string[], values: Values, console: Console): Promise<number> {
  const { port = 4010, limit, window, reset, on429, latency, state, seed, fault: faults } = values
  const readings = readReadings(values)
  const options = { port, limit, window, reset, on429, latency, state, seed, faults, readings }
  const set = Object.entries(options).filter(([, value]) => value !== undefined)
  const sandbox = await createSandbox(Object.fromEntries(set) as SandboxOptions)
  let release = () => {}
  // Before a word is said: whoever waits for that may stop it at once.
  const stopped = new Promise<void>(resolve => {
    release = onSignals({ stop: () => resolve(), leave: () => {}, patienceMs: () => idlePatienceMs })
  })
  console.out(`export BRAZE_API_URL=${sandbox.url}\nexport BRAZE_API_KEY=sandbox`)
  const then = typeof state === 'string' ? `keeps its users in ${state}` : 'forgets everything'
  const message = `The sandbox is running; it ${then} when it stops. Ctrl-C stops it.`
  console.log(message, { event: 'listening', url: sandbox.url })
  await stopped
  await sandbox.close()
  release()
  return 0
}
