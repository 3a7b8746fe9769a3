import type { Stop } from './exit.ts'
import { type Outcome, outcomeNames, outcomes } from './outcome.ts'

/** Where a run stands. */
export interface Progress {
  total: number
  ended: number
  /** Those that had ended before this process took over. */
  endedBefore: number
  /** Accepted, with every value that the answer shows as asked. */
  verified: number
  /** Accepted; the answer shows none of the values. */
  unverifiable: number
  /** Accepted, with a value that is not as asked. */
  mismatched: number
  /** Rejected, or refused here. */
  failed: number
  unknown: number
  /** How many have ended in each way. */
  outcomes: Record<Outcome, number>
  /** Objects that are still to be sent; those that never will be are not among them. */
  left: number
  requests: number
  /** Requests of the last minute. */
  perMinute: number
  /** Answers of 429. */
  rateLimited: number
  /** When the run will have ended, in milliseconds since 1970, pauses included; null where nothing is left to send. */
  endsAt: number | null
  /** Until when everyone waits, in milliseconds since 1970; 0 where nobody does. */
  pausedUntil: number
  /** Milliseconds in which a request could have left, and all that was read had to wait for an answer. */
  waitedForLanesMs: number
  startedAt: number
}

/** Keeps count of a run under way, and knows when its errors have used up what they may. */
export class Count {
  readonly progress: Progress
  readonly #invalid: number
  #errors: number
  /** Objects that have not ended and never will be sent. */
  #unsound: number

  /** `invalid` objects are known from the plan, and count as errors from the beginning. */
  constructor(total: number, invalid: number, startedAt: number) {
    this.progress = {
      total,
      ended: 0,
      endedBefore: 0,
      verified: 0,
      unverifiable: 0,
      mismatched: 0,
      failed: 0,
      unknown: 0,
      outcomes: none(),
      left: total - invalid,
      requests: 0,
      perMinute: 0,
      rateLimited: 0,
      endsAt: null,
      pausedUntil: 0,
      waitedForLanesMs: 0,
      startedAt,
    }
    this.#invalid = invalid
    this.#errors = invalid
    this.#unsound = invalid
  }

  /** An object has ended. */
  ended(outcome: Outcome): void {
    const { progress } = this
    progress.ended++
    progress.outcomes[outcome]++
    if (outcome === 'verified') progress.verified++
    else if (outcome === 'unverifiable') progress.unverifiable++
    else if (outcome === 'mismatched') progress.mismatched++
    else if (outcome === 'unknown') progress.unknown++
    else if (outcomes[outcome].errorBudget) progress.failed++
    if (outcomes[outcome].errorBudget && outcome !== 'invalid') this.#errors++
    if (outcome === 'invalid') this.#unsound--
    progress.left = progress.total - progress.ended - this.#unsound
  }

  /** An object had ended before this process. */
  endedBefore(outcome: Outcome): void {
    this.ended(outcome)
    this.progress.endedBefore++
  }

  /** Where the errors have used up what they may: a stop, as long as there is a row left that it keeps from being sent. */
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

  /** The budget with which a resume gets further: as many errors as there are, and as many again as were allowed. */
  furtherBudget(budget: ErrorBudget): number {
    return this.#errors + allowedErrors(budget, this.progress.total)
  }
}

function none(): Record<Outcome, number> {
  return Object.fromEntries(outcomeNames.map(name => [name, 0])) as Record<Outcome, number>
}

/** How many errors a run may have before it stops: a number, or a share of all objects. */
export type ErrorBudget = number | { percent: number }

/** How many that is in a run of so many objects. */
export function allowedOf(budget: ErrorBudget, objects: number): number {
  return typeof budget === 'number' ? budget : Math.ceil((objects * budget.percent) / 100)
}

/** With so many errors a run ends. Reaching the budget is enough; a budget of none is reached by the first error. */
function allowedErrors(budget: ErrorBudget, objects: number): number {
  return Math.max(1, allowedOf(budget, objects))
}

/** Where the rows that a plan refuses use up the budget alone, so that no row would leave: what it is, and what it takes. */
export function spentByPlan(
  { objects, invalid, requests }: { objects: number; invalid: number; requests: number },
  budget: ErrorBudget,
): { allowed: number; needed: number } | undefined {
  const allowed = allowedErrors(budget, objects)
  return requests === 0 || invalid < allowed ? undefined : { allowed, needed: invalid + allowed }
}
