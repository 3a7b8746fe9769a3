/** The time, passed in so that an hour at 500 a minute is tested in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}
