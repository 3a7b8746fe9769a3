import { createSandbox } from '../index.ts'
import type { Console } from './console.ts'
import { namesFor } from '../options/table.ts'
import { pick, type Values } from './options.ts'

/** `track-sync sandbox`: the endpoint on this machine, until Ctrl-C. */
export async function sandboxCommand(_: string[], values: Values, console: Console): Promise<number> {
  const sandbox = await createSandbox({ port: 4010, ...pick(values, namesFor('createSandbox')) })
  console.out(`export BRAZE_API_URL=${sandbox.url}\nexport BRAZE_API_KEY=sandbox`)
  const { state } = values
  const then = state === undefined ? 'forgets everything' : `keeps its users in ${state}`
  const message = `The sandbox is running; it ${then} when it stops. Ctrl-C stops it.`
  console.log(message, { event: 'listening', url: sandbox.url })
  await new Promise<void>(resolve => process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()))
  await sandbox.close()
  return 0
}
