/** The time, passed in so that an hour at 500 a minute is tested in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted === true) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}
