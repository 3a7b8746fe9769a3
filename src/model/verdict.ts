/** What can be said of one requested value once the answer is there. */
export const verdicts = ['match', 'equivalent', 'unverifiable', 'changed', 'not_applied', 'unknown'] as const
export type Verdict = (typeof verdicts)[number]

/** How a value counts in totals: it was as asked, it was not, or nobody can say. */
export type Bucket = 'match' | 'differ' | 'unverifiable'

interface Reason {
  verdict: Verdict
  counts: Bucket
  /** What it means, in plain words. */
  means: string
  /** What to do about it; empty where there is nothing to do. */
  next: string
}

/**
 * Every reason a verdict can carry. A limit is blamed only where the request really broke it; what is left stays
 * `unexplained`.
 */
export const reasons = {
  exact: match('match', 'The profile holds exactly what was asked.'),
  number_form: match(
    'equivalent',
    'The same number, written with other digits at the limit of its precision.',
  ),
  date_same_instant: match('equivalent', 'The same moment, written with another offset or precision.'),
  date_utc_assumed: match('equivalent', 'No offset was sent; the moment was taken as UTC.'),
  array_deduplicated: match('equivalent', 'The list came back without its duplicates.'),
  array_order_only: match('equivalent', 'The same elements in another order.'),
  array_added: match('equivalent', 'Every element that was to be added is there.'),
  array_removed: match('equivalent', 'No element that was to be removed is there.'),
  inc_confirmed: match('equivalent', 'The number is the last one seen plus the increment.'),
  object_merged: match('equivalent', 'Everything that was to be merged in is there.'),
  null_removed: match('equivalent', 'The value was to be removed and is gone.'),
  event_counted: match('equivalent', 'The count rose by exactly what this row adds.'),
  later_event_exists: match('equivalent', 'A later occurrence is on the profile; this one lies before it.'),

  standard_field_not_echoed: unseen(
    'The answer names custom attributes only; standard fields are not in it.',
  ),
  details_not_echoed: unseen('Properties, price, currency, quantity and app id are never in the answer.'),
  count_baseline_unknown: unseen('First sight of this name for this user, so the count proves nothing.'),
  inc_baseline_unknown: unseen('First sight of this number for this user, so the sum proves nothing.'),
  queued_202: unseen('The API put the request aside during maintenance.', 'Check these users later.'),
  reply_malformed: {
    ...unseen('The request was accepted, but its answer could not be read.', 'Check these users in Braze.'),
    verdict: 'unknown',
  },
  answer_lost: {
    ...unseen(
      'No answer came; the value may or may not be there.',
      'Check the user before sending it again.',
    ),
    verdict: 'unknown',
  },

  future_clamped: differ('changed', 'A time in the future was replaced by now.', 'Correct the time.'),
  string_too_long: differ(
    'not_applied',
    'The text is longer than 255 characters and the old value stayed.',
    'Shorten the text.',
  ),
  string_truncated: differ(
    'changed',
    'The text is longer than 255 characters and was cut.',
    'Shorten the text.',
  ),
  array_over_limit: differ(
    'changed',
    'The list has more elements than allowed and was cut.',
    'Send a shorter list.',
  ),
  count_unexpected: differ(
    'changed',
    'The count did not rise by what this row adds: another writer, or it was counted twice.',
    'Compare with other senders of this event.',
  ),
  user_not_found: differ(
    'not_applied',
    'No profile matched and the row may only update.',
    'Create the user first, or let the row create it.',
  ),
  other_profile: differ(
    'changed',
    'The answer speaks of another user.',
    'Check the identifiers of this row.',
  ),
  request_rejected: differ(
    'not_applied',
    'The API refused the request.',
    'Correct the row and send it again.',
  ),
  key_missing: differ(
    'unknown',
    'The answer does not list this name.',
    'Check whether the name is blocklisted.',
  ),
  unexplained: differ(
    'unknown',
    'The profile holds something else and no rule explains it.',
    'Look at the value.',
  ),
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof reasons

export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(reasons, text)
}

function match(verdict: 'match' | 'equivalent', means: string): Reason {
  return { verdict, counts: 'match', means, next: '' }
}
function unseen(means: string, next = ''): Reason {
  return { verdict: 'unverifiable', counts: 'unverifiable', means, next }
}
function differ(verdict: Verdict, means: string, next: string): Reason {
  return { verdict, counts: 'differ', means, next }
}
