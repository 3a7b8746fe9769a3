import { afterAll } from 'vitest'
import { commandOptions } from './watch.ts'

// For what the tests start; the processes that run them have a heap as large as they like.
process.env['NODE_OPTIONS'] = commandOptions

/** What the tests of a file forgot to close is told of with them, not whenever the garbage collector comes by. */
afterAll(async () => {
  globalThis.gc?.()
  await new Promise(resolve => {
    setImmediate(resolve)
  })
})
