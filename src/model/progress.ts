import { type Outcome, outcomes } from './outcome.ts'
import type { Stop } from './stop.ts'

/** Where a run stands. */
export interface Progress {
  total: number
  ended: number
  verified: number
  /** Rejected, invalid, or with a value that is not as asked. */
  failed: number
  unknown: number
  requests: number
  /** Until when everyone waits, in milliseconds since 1970; 0 where nobody does. */
  pausedUntil: number
  startedAt: number
}

export function newProgress(total: number, startedAt: number): Progress {
  return { total, ended: 0, verified: 0, failed: 0, unknown: 0, requests: 0, pausedUntil: 0, startedAt }
}

/** Counts one object that has ended. */
export function countEnded(progress: Progress, outcome: Outcome): void {
  progress.ended++
  if (outcome === 'verified' || outcome === 'unverifiable') progress.verified++
  else if (outcome === 'unknown') progress.unknown++
  else if (outcomes[outcome].errorBudget) progress.failed++
}

/** How many errors a run may have before it stops: a number, or a share of all objects. */
export type ErrorBudget = number | { percent: number }

/**
 * Whether so many errors end the run. Reaching the budget is enough; a budget of none is reached by the first error.
 */
export function overBudget(errors: number, budget: ErrorBudget, objects: number): Stop | undefined {
  const allowed = Math.max(
    1,
    typeof budget === 'number' ? budget : Math.ceil((objects * budget.percent) / 100),
  )
  if (errors < allowed) return undefined
  const message = `${errors} ${errors === 1 ? 'row has an error' : 'rows have errors'}; the budget is ${allowed}.`
  return { exit: 'stopped', message, next: 'Look at the report; --max-errors allows more.' }
}
