import { createSandbox } from '../index.ts'
import { namesFor } from '../options/all-options.ts'
import type { Console } from './console.ts'
import { idlePatienceMs, onSignals } from './signals.ts'
import { pick, type Values } from './to-options.ts'

/** `track-sync sandbox`: the endpoint on this machine, until Ctrl-C. */
export async function sandboxCommand(_: string[], values: Values, console: Console): Promise<number> {
  const sandbox = await createSandbox({ port: 4010, ...pick(values, namesFor('createSandbox')) })
  let release = () => {}
  // Before anything is printed: whoever waits for that may stop it at once.
  const stopped = new Promise<void>(resolve => {
    release = onSignals({ stop: () => resolve(), leave: () => {}, patienceMs: () => idlePatienceMs })
  })
  console.out(`export BRAZE_API_URL=${sandbox.url}\nexport BRAZE_API_KEY=sandbox`)
  const { state } = values
  const onStop = state === undefined ? 'forgets everything' : `keeps its users in ${state}`
  const message = `The sandbox is running; it ${onStop} when it stops. Ctrl-C stops it.`
  console.log(message, { event: 'listening', url: sandbox.url })
  await stopped
  await sandbox.close()
  release()
  return 0
}
