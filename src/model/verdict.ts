import type { Outcome } from './outcome.ts'
import type { Sourced } from './provenance.ts'

/** What can be said of one requested value once the answer is there. */
export const verdicts = ['match', 'equivalent', 'unverifiable', 'changed', 'not_applied', 'unknown'] as const
export type Verdict = (typeof verdicts)[number]

/** How a value counts in totals: it was as asked, it was not, or nobody can say. */
export type Bucket = 'match' | 'differ' | 'unverifiable'

export interface Reason extends Sourced {
  verdict: Verdict
  counts: Bucket
  /** The outcome that a value of this reason leaves its row with, unless another value is of more weight. */
  leaves: RowOutcome
  /** What it means, in plain words. */
  means: string
  /** What to do about it; empty where there is nothing to do. */
  next: string
}

/** How a row can end whose values were judged. The first that one of its values leaves is the row's. */
const rowOutcomes = [
  'unknown',
  'rejected',
  'mismatched',
  'verified',
  'unverifiable',
] as const satisfies Outcome[]
type RowOutcome = (typeof rowOutcomes)[number]

const seed = 'the seed page'
const objects = 'user_attributes_object'
const nested = 'nested_custom_attribute_support'
const forced = 'managing_custom_data'

/**
 * Every reason a verdict can carry (contract §10). A limit is blamed only where the request really broke it; what is
 * left stays `unexplained`.
 */
export const reasons = {
  exact: match('match', 'The profile holds exactly what was asked.', seed),
  number_form: match(
    'equivalent',
    'The same number, written with other digits at the limit of its precision.',
    'inferred',
  ),
  date_same_instant: match('equivalent', 'The same moment, written with another offset or precision.', seed),
  date_utc_assumed: match('equivalent', 'No offset was sent; the moment was taken as UTC.', objects),
  array_deduplicated: match('equivalent', 'The list came back without its duplicates.', objects),
  array_order_only: match('equivalent', 'The same elements in another order.', objects),
  array_added: match('equivalent', 'Every element that was to be added is there.', objects),
  array_removed: match('equivalent', 'No element that was to be removed is there.', objects),
  inc_confirmed: match('equivalent', 'The number is the last one seen plus the increment.', objects),
  object_merged: match('equivalent', 'Everything that was to be merged in is there.', nested),
  null_removed: match('equivalent', 'The value was to be removed and is gone.', objects),
  event_counted: match('equivalent', 'The count rose by exactly what this row adds.', 'inferred'),
  later_event_exists: match(
    'equivalent',
    'A later occurrence is on the profile; this one lies before it.',
    'inferred',
  ),

  standard_field_not_echoed: unseen(
    'The answer names custom attributes only; standard fields are not in it.',
    seed,
  ),
  details_not_echoed: unseen(
    'Properties, price, currency, quantity and app id are never in the answer.',
    seed,
  ),
  count_baseline_unknown: unseen(
    'First sight of this name for this user, so the count proves nothing.',
    'inferred',
  ),
  inc_baseline_unknown: unseen(
    'First sight of this number for this user, so the sum proves nothing.',
    objects,
  ),
  queued_202: unseen(
    'The API put the request aside during maintenance.',
    'errors (older)',
    'Check these users later.',
  ),
  superseded: unseen(
    'A later row of the same user sets this field and left in the same request; this value was never held.',
    'inferred',
  ),
  date_unreadable: unseen('The answer shows a time in a form that cannot be read.', seed),
  reply_malformed: lost(
    'What answered did not answer as the API does; the value may or may not be there.',
    seed,
    'Check what stands between here and Braze, then the user.',
  ),
  answer_lost: lost(
    'No answer came; the value may or may not be there.',
    'errors',
    'Check the user before sending it again.',
  ),

  coerced_boolean: differ(
    'changed',
    'The attribute is forced to be true or false, and the value was read as that.',
    'Send true or false.',
    forced,
  ),
  coerced_number: differ(
    'changed',
    'The attribute is forced to be a number, and the value was read as that.',
    'Send a number.',
    forced,
  ),
  coerced_string: differ(
    'changed',
    'The attribute is forced to be text, and the value was written as that.',
    'Send text.',
    forced,
  ),
  date_kept_as_string: differ(
    'changed',
    'The attribute holds the text, not the moment: its year is out of range, or its form is none the API knows.',
    'Send ISO 8601, years 0 to 3000.',
    objects,
  ),
  future_clamped: differ(
    'changed',
    'A time in the future was replaced by now.',
    'Correct the time.',
    'event_object',
  ),
  string_too_long: differ(
    'not_applied',
    'The text is longer than 255 characters and the old value stayed.',
    'Shorten the text.',
    seed,
  ),
  string_truncated: differ(
    'changed',
    'The text is longer than 255 characters and was cut.',
    'Shorten the text.',
    'inferred',
  ),
  array_over_limit: differ(
    'changed',
    'The list has more elements than allowed, and was cut or not taken.',
    'Send a shorter list.',
    seed,
  ),
  array_too_large: differ(
    'not_applied',
    'The list is larger than 100 KB.',
    'Send a smaller list.',
    'data_types, array_of_objects',
  ),
  object_too_large: differ(
    'not_applied',
    'The object is larger than 100 KB.',
    'Send a smaller object.',
    nested,
  ),
  nested_invalid_dropped: differ(
    'not_applied',
    'An object holds a null or a wrong time inside, so it was dropped.',
    'Leave nulls out of objects; write times as {"$time": "…"}.',
    'nested_custom_attribute_support, post_user_track',
  ),
  nested_year_dropped: differ(
    'not_applied',
    'A time inside an object has a year out of range.',
    'Send years 0 to 3000.',
    nested,
  ),
  key_not_allowed: differ(
    'not_applied',
    'The name, or one inside the object, is too long or holds $, a point or a space.',
    'Rename it.',
    nested,
  ),
  item_not_found: differ(
    'not_applied',
    'No item of the list has this identifier, so there was nothing to update.',
    'Add the item first.',
    'array_of_objects',
  ),
  type_rejected: differ(
    'not_applied',
    'The attribute is forced to another type, and the value does not fit it.',
    'Send the type that Braze has for it.',
    forced,
  ),
  maybe_blocklisted: differ(
    'not_applied',
    'Every answer of this run leaves this name out: it may be blocklisted.',
    'Look it up under blocklisted data in Braze.',
    'blocklist_custom_data',
  ),
  count_unexpected: differ(
    'changed',
    'The count did not rise by what this row adds: another writer, or it was counted twice.',
    'Compare with other senders of this event.',
    'inferred',
  ),
  user_not_found: differ(
    'not_applied',
    'No profile matched and the row may only update.',
    'Create the user first, or let the row create it.',
    seed,
  ),
  other_profile: differ(
    'changed',
    'The answer speaks of another user.',
    'Check the identifiers of this row.',
    'post_user_track',
  ),
  request_rejected: {
    ...differ('not_applied', 'The API refused the request.', 'Correct the row and send it again.', 'errors'),
    leaves: 'rejected',
  },
  concurrent_write: differ(
    'unknown',
    'Another request for this user and name was under way.',
    'Send the rows of a user one at a time.',
    seed,
  ),
  possible_duplicate: differ(
    'unknown',
    'The row was sent again after a lost answer, and may count twice.',
    'Check the count of this user.',
    'post_user_track',
  ),
  key_missing: differ(
    'unknown',
    'The answer does not list this name.',
    'Check whether the name is blocklisted.',
    seed,
  ),
  extra_key: differ(
    'unknown',
    'The answer lists a name that was not asked for.',
    'Look at the answer.',
    seed,
  ),
  unexplained: differ(
    'unknown',
    'The profile holds something else and no rule explains it.',
    'Look at the value.',
    'inferred',
  ),
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof reasons

export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(reasons, text)
}

/**
 * How the row ends whose values have these reasons: a value that is in doubt leaves the row in doubt, one that differs
 * makes it differ, and one that could be compared makes it verified.
 */
export function outcomeOf(judged: readonly ReasonCode[]): RowOutcome {
  const left = new Set<RowOutcome>(judged.map(reason => reasons[reason].leaves))
  return rowOutcomes.find(outcome => left.has(outcome)) ?? 'unverifiable'
}

function match(verdict: 'match' | 'equivalent', means: string, source: string): Reason {
  return { verdict, counts: 'match', leaves: 'verified', means, next: '', ...behind(source) }
}
function unseen(means: string, source: string, next = ''): Reason {
  const kind = 'unverifiable' as const
  return { verdict: kind, counts: kind, leaves: kind, means, next, ...behind(source) }
}
function lost(means: string, source: string, next: string): Reason {
  return { ...unseen(means, source, next), verdict: 'unknown', leaves: 'unknown' }
}
function differ(verdict: Verdict, means: string, next: string, source: string): Reason {
  return { verdict, counts: 'differ', leaves: 'mismatched', means, next, ...behind(source) }
}

function behind(source: string): Sourced {
  return { basis: source === 'inferred' ? 'assumed' : 'documented', source }
}
