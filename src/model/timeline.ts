/**
 * The requests of a run over time, in slices of equal length. All times are milliseconds of active time: the time between
 * processes is not counted.
 */
export interface Timeline {
  /** The length of a slice; it doubles when a run outgrows its slices. */
  sliceMs: number
  /** Requests sent in each slice. */
  sent: number[]
  /** 429 responses in each slice. */
  limited: number[]
  /** Every process of the run. */
  legs: Leg[]
  /** The longest stretches without a request, in chronological order. */
  pauses: Pause[]
  /** The number of such stretches, and their total length. */
  paused: { times: number; ms: number }
}

/** One process of a run. */
export interface Leg {
  /** When it started, in milliseconds since 1970. */
  startedAt: number
  /** The active time before it. */
  from: number
  /** How long no process had been running before it. */
  awayMs: number
  limitPerMinute: number | null
}

/** A stretch between two requests that is much longer than the rate requires. */
export interface Pause {
  from: number
  to: number
  /** Whether it contains a 429. */
  limited: boolean
}

/** The maximum number of slices, however long the run. */
export const slicesMax = 240
/** The initial length of a slice. */
export const sliceMsMin = 250

/** The active time up to a moment (milliseconds since 1970). */
export function workAt({ legs }: Timeline, moment: number): number {
  let at = 0
  for (const { startedAt, from } of legs) {
    if (startedAt > moment) break
    at = from + moment - startedAt
  }
  return at
}
