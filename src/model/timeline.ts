/**
 * What the requests of a run did over time, in slices of equal length. All times are milliseconds of work: the time in
 * which no process was at work on the run takes none.
 */
export interface Timeline {
  /** How long a slice is; it doubles when a run outgrows its slices. */
  sliceMs: number
  /** Requests that left in each slice. */
  sent: number[]
  /** Answers of 429 that came in each slice. */
  limited: number[]
  /** Every process that was at work on the run. */
  legs: Leg[]
  /** The longest stretches in which no request left, in the order of time. */
  pauses: Pause[]
  /** How many such stretches there were, and how long they were together. */
  paused: { times: number; ms: number }
}

/** One process of a run. */
export interface Leg {
  /** When it began, in milliseconds since 1970. */
  startedAt: number
  /** How much work had been done before. */
  from: number
  /** How long nobody had been at work on the run. */
  awayMs: number
  limitPerMinute: number | null
}

/** A stretch between two requests that is much longer than the pace asks for. */
export interface Pause {
  from: number
  to: number
  /** A 429 came in it. */
  limited: boolean
}

/** Slices at most, whatever the length of the run. */
export const slicesMax = 240
/** How long a slice is at first. */
export const sliceMsMin = 250

/** How much work had been done at a moment (milliseconds since 1970). */
export function workAt({ legs }: Timeline, moment: number): number {
  let at = 0
  for (const { startedAt, from } of legs) {
    if (startedAt > moment) break
    at = from + moment - startedAt
  }
  return at
}
