/** The time, passed in so that tests can simulate an hour in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}
