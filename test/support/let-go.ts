import { afterAll } from 'vitest'

/** What the tests of a file forgot to close is told of with them, not whenever the garbage collector comes by. */
afterAll(async () => {
  globalThis.gc?.()
  await new Promise(resolve => {
    setImmediate(resolve)
  })
})
