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
}

/** The outcomes of rows whose values were judged. The first that applies to one of its values is the row's. */
const rowOutcomes = [
  'unknown',
  'rejected',
  'mismatched',
  'verified',
  'unverifiable',
] as const satisfies Outcome[]
type RowOutcome = (typeof rowOutcomes)[number]

const seed = 'post_user_track_synchronous'
const objects = 'user_attributes_object'
const nested = 'nested_custom_attribute_support'
const forced = 'managing_custom_data'

/**
 * Every reason of a verdict (contract §10). A limit is blamed only if the request really broke it; everything else stays
 * `unexplained`.
 */
export const reasons = {
  exact: match('match', 'The profile holds exactly the requested value.', seed),
  number_form: match(
    'equivalent',
    'The same number, written differently at the limit of its precision.',
    'inferred',
  ),
  date_same_instant: match(
    'equivalent',
    'The same instant, written with a different offset or precision.',
    seed,
  ),
  date_utc_assumed: match('equivalent', 'No offset was sent, so the time was read as UTC.', objects),
  array_deduplicated: match('equivalent', 'The same list without its duplicates.', objects),
  array_order_only: match('equivalent', 'The same elements in a different order.', objects),
  array_added: match('equivalent', 'The list contains every element to be added.', objects),
  array_removed: match('equivalent', 'The list contains none of the elements to be removed.', objects),
  inc_confirmed: match('equivalent', 'The number is the last known value plus the increment.', objects),
  object_merged: match('equivalent', 'The object contains everything to be merged.', nested),
  null_removed: match('equivalent', 'The value was removed, as requested.', objects),
  event_counted: match('equivalent', 'The count rose by exactly what this row adds.', 'inferred'),
  later_event_exists: match(
    'equivalent',
    'The profile shows a later occurrence; this one is earlier.',
    'inferred',
  ),

  standard_field_not_echoed: notShown(
    'The response shows custom attributes only, not standard fields.',
    seed,
  ),
  details_not_echoed: notShown(
    'The response never shows properties, price, currency, quantity or app id.',
    seed,
  ),
  count_baseline_unknown: notShown(
    'The earlier count for this user is not known, so the new count proves nothing.',
    'inferred',
  ),
  inc_baseline_unknown: notShown(
    'The earlier number for this user is not known, so the sum proves nothing.',
    objects,
  ),
  queued_202: notShown(
    'The API queued the request during maintenance.',
    'errors (older)',
    'Check these users later.',
  ),
  superseded: notShown(
    'A later row of the same user sets this field in the same request, so this value was never stored.',
    'inferred',
  ),
  date_unreadable: notShown('The response shows a time in an unknown format.', seed),
  reply_malformed: lost(
    'The response was not a valid API response; the value may or may not have been stored.',
    seed,
    'Check the proxies and firewalls on the way to Braze, then check the user.',
  ),
  answer_lost: lost(
    'The response was lost; the value may or may not have been stored.',
    'errors',
    'Check the user before you send the row again.',
  ),

  coerced_boolean: differ(
    'changed',
    'The attribute is forced to boolean, and the value was converted.',
    'Send true or false.',
    forced,
  ),
  coerced_number: differ(
    'changed',
    'The attribute is forced to number, and the value was converted.',
    'Send a number.',
    forced,
  ),
  coerced_string: differ(
    'changed',
    'The attribute is forced to string, and the value was converted.',
    'Send text.',
    forced,
  ),
  date_kept_as_string: differ(
    'changed',
    'The attribute holds text, not a date: the year is out of range, or the API does not know the format.',
    'Send ISO 8601, years 0 to 3000.',
    objects,
  ),
  future_clamped: differ(
    'changed',
    'A time in the future was replaced by the current time.',
    'Correct the time.',
    'event_object',
  ),
  string_too_long: differ(
    'not_applied',
    'The text is longer than 255 characters, so the old value was kept.',
    'Shorten the text.',
    seed,
  ),
  string_truncated: differ(
    'changed',
    'The text is longer than 255 characters and was truncated.',
    'Shorten the text.',
    'inferred',
  ),
  array_over_limit: differ(
    'changed',
    'The list has more elements than allowed and was truncated or not stored.',
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
    'An object contains a null or an invalid time, so it was dropped.',
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
    'The name, or one inside the object, is too long or contains $, a dot or a space.',
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
    'Send the type that is set in Braze.',
    forced,
  ),
  maybe_blocklisted: differ(
    'not_applied',
    'No response of this run shows this name; it may be blocklisted.',
    'Check the blocklist in Braze.',
    'blocklist_custom_data',
  ),
  count_unexpected: differ(
    'changed',
    'The count did not rise by what this row adds: another sender changed it, or the row was counted twice.',
    'Compare with other senders of this event.',
    'inferred',
  ),
  user_not_found: differ(
    'not_applied',
    'No profile matched, and the row may only update existing users.',
    'Create the user first, or allow the row to create it.',
    seed,
  ),
  other_profile: differ(
    'changed',
    'The response shows another user.',
    'Check the identifiers of this row.',
    'post_user_track',
  ),
  request_rejected: {
    ...differ('not_applied', 'The API rejected the request.', 'Fix the row and import it again.', 'errors'),
    leaves: 'rejected',
  },
  concurrent_write: differ(
    'unknown',
    'Another request for this user and name was in flight.',
    'Send the rows of a user one at a time.',
    seed,
  ),
  possible_duplicate: differ(
    'unknown',
    'The row was retried after a lost response and may count twice.',
    'Check the count of this user.',
    'post_user_track',
  ),
  key_missing: differ(
    'unknown',
    'The response does not show this name.',
    'Check whether the name is blocklisted.',
    seed,
  ),
  extra_key: differ(
    'unknown',
    'The response shows a name that was not requested.',
    'Check the response in the journal.',
    seed,
  ),
  unexplained: differ(
    'unknown',
    'The profile holds something else, and no known rule explains it.',
    'Check the value.',
    'inferred',
  ),
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof reasons

export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(reasons, text)
}

/**
 * The outcome of a row whose values have these reasons: a value in doubt makes the row unknown, one that differs makes it
 * mismatched, and one that could be compared makes it verified.
 */
export function outcomeOf(judged: readonly ReasonCode[]): RowOutcome {
  const possible = new Set<RowOutcome>(judged.map(reason => reasons[reason].leaves))
  return rowOutcomes.find(outcome => possible.has(outcome)) ?? 'unverifiable'
}

function match(verdict: 'match' | 'equivalent', means: string, source: string): Reason {
  return { verdict, counts: 'match', leaves: 'verified', means, next: '', ...sourced(source) }
}
function notShown(means: string, source: string, next = ''): Reason {
  const kind = 'unverifiable' as const
  return { verdict: kind, counts: kind, leaves: kind, means, next, ...sourced(source) }
}
function lost(means: string, source: string, next: string): Reason {
  return { ...notShown(means, source, next), verdict: 'unknown', leaves: 'unknown' }
}
function differ(verdict: Verdict, means: string, next: string, source: string): Reason {
  return { verdict, counts: 'differ', leaves: 'mismatched', means, next, ...sourced(source) }
}

function sourced(source: string): Sourced {
  return { basis: source === 'inferred' ? 'assumed' : 'documented', source }
}
