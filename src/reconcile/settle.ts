import { type ReasonCode, reasons } from '../model/verdict.ts'

/** The request broke a limit, and what the profile holds is what that leads to. */
const explained: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'date_kept_as_string',
  'future_clamped',
  'string_too_long',
  'string_truncated',
  'array_over_limit',
  'array_too_large',
  'object_too_large',
  'nested_invalid_dropped',
  'nested_year_dropped',
  'key_not_allowed',
  'standard_value_dropped',
  'request_rejected',
])

/** What a response did not show, or showed in doubt: a look at the profile may show it. */
const notShown: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'standard_field_not_echoed',
  'details_not_echoed',
  'count_baseline_unknown',
  'queued_202',
  'reply_malformed',
  'answer_lost',
  'key_missing',
  'extra_key',
])

/** Without a baseline or a readable time, a look can tell as little as the response; it may know of an earlier look. */
const notComparable: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'inc_baseline_unknown',
  'date_unreadable',
])

/** What a response showed but left unclear; a look clears it up only where it shows the value as requested. */
const unclear: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['maybe_blocklisted', 'concurrent_write'])

/** Whether a look at the profile can say more of a value than the response did. */
export function isLeftToProfile(reason: ReasonCode): boolean {
  return notShown.has(reason) || notComparable.has(reason) || unclear.has(reason)
}

/**
 * Whether a verdict cannot change any more by waiting: the value is as asked, cannot be shown, or the request broke a
 * limit that explains it. An empty value that is not there may still be on its way.
 */
export function isFinal(reason: ReasonCode): boolean {
  if (explained.has(reason)) return true
  const { counts, verdict } = reasons[reason]
  const isOpen = notShown.has(reason) || reason === 'empty_as_absent' || verdict === 'unknown'
  return counts !== 'differ' && !isOpen
}

/** What no rule explains of an object that was accepted: the user was there then, too. */
const unexplained: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'unexplained',
  'key_missing',
  'extra_key',
  'user_not_found',
])

/** What a reason becomes when the settle time is over: what no rule explains stays open. */
export function atSettle(reason: ReasonCode): ReasonCode {
  return unexplained.has(reason) ? 'not_settled' : reason
}

/**
 * The reasons of an object of which a response and a look at the profile are known, value by value. What the response
 * showed stays: it came of this very request, and the profile may have changed since. What it did not show, is judged by
 * the profile.
 */
export function combine(answer: readonly ReasonCode[], profile: readonly ReasonCode[]): ReasonCode[] {
  return answer.map((shown, i) => {
    const seen = profile[i]
    if (seen === undefined) return shown
    if (notShown.has(shown) || notComparable.has(shown)) return seen
    return unclear.has(shown) && reasons[seen].counts === 'match' ? seen : shown
  })
}
