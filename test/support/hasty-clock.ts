import type { Clock } from '../../src/model/clock.ts'

/** A clock for real requests whose waits pass at once: nobody sleeps, and everyone believes to have slept. */
export function hastyClock(): Clock {
  let skipped = 0
  return {
    now: () => Date.now() + skipped,
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) return
      skipped += ms
      await new Promise(resolve => {
        setImmediate(resolve)
      })
    },
  }
}
