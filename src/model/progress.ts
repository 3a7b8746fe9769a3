import type { Stop } from './exit.ts'
import { type Outcome, outcomeNames, outcomes } from './outcome.ts'
import type { Summary } from './summary.ts'

/** The progress of a run. */
export interface Progress {
  /** Of an `audit`, rows are compared and none is sent. */
  mode: Summary['mode']
  total: number
  ended: number
  /** Those that were settled before this process started. */
  endedBefore: number
  /** Accepted, and every value that the response shows is as requested. */
  verified: number
  /** Accepted; the response shows none of the values. */
  unverifiable: number
  /** Accepted, but a value differs. */
  mismatched: number
  /** Rejected or invalid. */
  failed: number
  unknown: number
  /** How many ended with each outcome. */
  outcomes: Record<Outcome, number>
  /** Objects that are still to be sent, or compared; those that never will be are not among them. */
  left: number
  requests: number
  /** Requests of the last minute; in an audit, objects compared in the last minute. */
  perMinute: number
  /** 429 responses. */
  rateLimited: number
  /** Objects that wait for a look at their profile. */
  waitingForLookup: number
  /** Requests that read profiles. */
  lookups: number
  /** When the last object that waits for a lookup is settled at the latest, in milliseconds since 1970; null if none does. */
  settledBy: number | null
  /** Why profiles cannot be looked up; null as long as they can. */
  lookupsDenied: string | null
  /** The ETA in milliseconds since 1970, pauses included; null if nothing is left. */
  endsAt: number | null
  /** Until when sending is paused, in milliseconds since 1970; 0 if it is not. */
  pausedUntil: number
  /** Milliseconds in which the rate allowed a request, but all rows read ahead had to wait for a response. */
  waitedForLanesMs: number
  startedAt: number
}

/** Counts the progress of a run, and knows when its error budget is used up. */
export class Count {
  readonly progress: Progress
  readonly #invalid: number
  #errors: number
  /** Invalid objects that are not settled yet; they will never be sent. */
  #pendingInvalid: number

  /** `invalid` objects are known from the plan, and count as errors from the beginning. */
  constructor(total: number, invalid: number, startedAt: number, mode: Progress['mode'] = 'import') {
    this.progress = {
      mode,
      total,
      ended: 0,
      endedBefore: 0,
      verified: 0,
      unverifiable: 0,
      mismatched: 0,
      failed: 0,
      unknown: 0,
      outcomes: zeroCounts(),
      left: total - invalid,
      requests: 0,
      perMinute: 0,
      rateLimited: 0,
      waitingForLookup: 0,
      lookups: 0,
      settledBy: null,
      lookupsDenied: null,
      endsAt: null,
      pausedUntil: 0,
      waitedForLanesMs: 0,
      startedAt,
    }
    this.#invalid = invalid
    this.#errors = invalid
    this.#pendingInvalid = invalid
  }

  /** An object is settled. */
  ended(outcome: Outcome): void {
    this.#add(outcome, 1)
    if (outcome === 'invalid') this.#pendingInvalid--
    this.progress.left = this.progress.total - this.progress.ended - this.#pendingInvalid
  }

  /** A look at the profile gave an object another end. */
  changed(before: Outcome, now: Outcome): void {
    this.#add(before, -1)
    this.#add(now, 1)
  }

  #add(outcome: Outcome, by: 1 | -1): void {
    const { progress } = this
    progress.ended += by
    progress.outcomes[outcome] += by
    if (outcome === 'verified') progress.verified += by
    else if (outcome === 'unverifiable') progress.unverifiable += by
    else if (outcome === 'mismatched') progress.mismatched += by
    else if (outcome === 'unknown') progress.unknown += by
    else if (outcomes[outcome].errorBudget) progress.failed += by
    if (outcomes[outcome].errorBudget && outcome !== 'invalid') this.#errors += by
  }

  /** An object was settled before this process. */
  endedBefore(outcome: Outcome): void {
    this.ended(outcome)
    this.progress.endedBefore++
  }

  /** A stop if the error budget is used up and rows are left to send. */
  overBudget(budget: ErrorBudget): Stop | undefined {
    const { left, total } = this.progress
    const allowed = allowedErrors(budget, total)
    if (left === 0 || this.#errors < allowed) return undefined
    const errors = this.#errors
    const rows = `${errors} ${errors === 1 ? 'row' : 'rows'}`
    if (errors === this.#invalid) {
      const message = `${rows} ${errors === 1 ? 'is' : 'are'} invalid; the error budget is ${allowed}.`
      return {
        exit: 'stopped',
        message,
        next: 'Fix them and start a new run, or allow more with --max-errors.',
      }
    }
    const message = `${rows} ${errors === 1 ? 'has an error' : 'have errors'}; the error budget is ${allowed}.`
    return { exit: 'stopped', message, next: 'Check the report, or allow more with --max-errors.' }
  }

  /** The budget with which a resume gets further: the present errors plus the allowed ones. */
  furtherBudget(budget: ErrorBudget): number {
    return this.#errors + allowedErrors(budget, this.progress.total)
  }
}

function zeroCounts(): Record<Outcome, number> {
  return Object.fromEntries(outcomeNames.map(name => [name, 0])) as Record<Outcome, number>
}

/** How many errors a run may have before it stops: a number, or a share of all objects. */
export type ErrorBudget = number | { percent: number }

/** The budget as a number, in a run with this many objects. */
export function allowedOf(budget: ErrorBudget, objects: number): number {
  return typeof budget === 'number' ? budget : Math.ceil((objects * budget.percent) / 100)
}

/** The number of errors at which a run stops. A budget of 0 is used up by the first error. */
function allowedErrors(budget: ErrorBudget, objects: number): number {
  return Math.max(1, allowedOf(budget, objects))
}

/** If the invalid rows of a plan alone use up the budget, so that nothing would be sent: the budget, and the one needed. */
export function spentByPlan(
  { objects, invalid, requests }: { objects: number; invalid: number; requests: number },
  budget: ErrorBudget,
): { allowed: number; needed: number } | undefined {
  const allowed = allowedErrors(budget, objects)
  return requests === 0 || invalid < allowed ? undefined : { allowed, needed: invalid + allowed }
}
