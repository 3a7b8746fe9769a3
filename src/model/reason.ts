import type { Outcome } from './outcome.ts'
import type { Sourced } from './provenance.ts'

/** What a response shows of one requested value. */
export const verdicts = ['match', 'equivalent', 'unverifiable', 'changed', 'not_applied', 'unknown'] as const
export type Verdict = (typeof verdicts)[number]

/** How a value counts in totals: it matches, it differs, or the response does not show it. */
export type Bucket = 'match' | 'differ' | 'unverifiable'

export interface Reason extends Sourced {
  verdict: Verdict
  counts: Bucket
  /** The outcome of a row with this reason, unless another value outweighs it. */
  leaves: RowOutcome
  /** What it means, in plain words. */
  means: string
  /** What to do about it; empty if there is nothing to do. */
  next: string
  /** Both in an audit, where nothing was sent and there are no responses, if they are others there. */
  audited?: { means: string; next: string }
}

/** The outcomes of rows whose values were judged. The first that applies to one of its values is the row's. */
export const rowOutcomes = [
  'unknown',
  'rejected',
  'mismatched',
  'verified',
  'unverifiable',
] as const satisfies Outcome[]
export type RowOutcome = (typeof rowOutcomes)[number]

export function match(verdict: 'match' | 'equivalent', means: string, source: string): Reason {
  return { verdict, counts: 'match', leaves: 'verified', means, next: '', ...sourced(source) }
}
export function notShown(means: string, source: string, next = ''): Reason {
  const kind = 'unverifiable' as const
  return { verdict: kind, counts: kind, leaves: kind, means, next, ...sourced(source) }
}
export function lost(means: string, source: string, next: string): Reason {
  return { ...notShown(means, source, next), verdict: 'unknown', leaves: 'unknown' }
}
export function differ(verdict: Verdict, means: string, next: string, source: string): Reason {
  return { verdict, counts: 'differ', leaves: 'mismatched', means, next, ...sourced(source) }
}

function sourced(source: string): Sourced {
  return { basis: source === 'inferred' ? 'assumed' : 'documented', source }
}
