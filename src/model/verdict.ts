import type { ComparedWith } from './compared-with.ts'
import { matching } from './matching.ts'
import { differ, lost, notShown, type Reason, type RowOutcome, rowOutcomes } from './reason.ts'

export { type Bucket, type Reason, type Verdict, verdicts } from './reason.ts'

const seed = 'post_user_track_synchronous'
const objects = 'user_attributes_object'
const nested = 'nested_custom_attribute_support'
const forced = 'managing_custom_data'
const exported = 'post_users_identifier'

/**
 * Every reason of a verdict (contract §10). A limit is blamed only if the request really broke it; everything else stays
 * `unexplained`.
 */
export const reasons = {
  ...matching,
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
  not_exported: notShown('No export of a profile shows this field.', exported),
  not_in_export: notShown(
    'The export may leave this out: no user of it has the field, or it is older than the 90 days of a segment export.',
    'inferred',
    'Export this field as well, or compare with lookups.',
  ),
  overwritten: notShown(
    'A later row of the same user sets this field, so the profile need not hold this value.',
    'inferred',
  ),
  date_unreadable: notShown('The time that is shown has an unknown format.', seed),
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
  lookup_failed: lost(
    'The profile could not be read, so there was nothing to compare with.',
    'inferred',
    'Try again with track-sync audit.',
  ),
  not_settled: lost(
    'Accepted, but the profile did not show it within the settle time, and no known rule explains why.',
    'inferred',
    'Look again later with track-sync audit.',
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
  standard_value_dropped: differ(
    'not_applied',
    'The field does not take this value, so it was not stored.',
    'Send a value that the field takes.',
    objects,
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
  count_short: {
    ...differ(
      'not_applied',
      'The profile counts fewer than the rows that were sent: some were lost.',
      'Compare the rows of this user with the profile.',
      'inferred',
    ),
    audited: {
      means: 'The profile counts fewer than the rows request.',
      next: 'Find out which of these rows were never sent, or were lost.',
    },
  },
  count_unexpected: differ(
    'changed',
    'The count did not rise by what this row adds: another sender changed it, or the row was counted twice.',
    'Compare with other senders of this event.',
    'inferred',
  ),
  user_not_found: {
    ...differ(
      'not_applied',
      'No profile matched, and the row did not create one.',
      'Create the user first, or allow the row to create it.',
      seed,
    ),
    audited: {
      means: 'No profile has the identifier of the row.',
      next: 'Check the identifier, or import the row.',
    },
  },
  other_profile: differ(
    'changed',
    'The identifier leads to another user, or to several.',
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
  key_missing: {
    ...differ(
      'unknown',
      'The response does not show this name.',
      'Check whether the name is blocklisted.',
      seed,
    ),
    audited: {
      means: 'The profile has no value of this name.',
      next: 'Import the row, or check whether the name is blocklisted.',
    },
  },
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

/** What a reason means, and what to do about it, in a run whose values are compared with this. */
export function wordsOn(code: ReasonCode, compared: ComparedWith): { means: string; next: string } {
  const { means, next, audited = { means, next } }: Reason = reasons[code]
  return compared === 'profiles' ? audited : { means, next }
}

/**
 * The outcome of a row whose values have these reasons: a value in doubt makes the row unknown, one that differs makes it
 * mismatched, and one that could be compared makes it verified.
 */
export function outcomeOf(judged: readonly ReasonCode[]): RowOutcome {
  const possible = new Set<RowOutcome>(judged.map(reason => reasons[reason].leaves))
  return rowOutcomes.find(outcome => possible.has(outcome)) ?? 'unverifiable'
}
