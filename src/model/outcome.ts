/**
 * Each track object ends in exactly one outcome, and the outcomes always add up. `key` is the name in
 * `summary.json`; `attention` says whether people have to look; `errorBudget` whether it counts for `--max-errors`;
 * `reject` which file keeps the original record.
 */
export const outcomes = {
  verified: outcome('verified', false, false, null, 'stored as requested'),
  unverifiable: outcome(
    'unverifiable',
    false,
    false,
    null,
    'accepted, but the response shows none of these fields',
  ),
  mismatched: outcome('mismatched', true, true, null, 'accepted, but at least one value differs'),
  rejected: outcome('rejected', true, true, 'rejects', 'refused by Braze; not applied'),
  invalid: outcome('invalid', true, true, 'rejects', 'failed validation; never sent'),
  unknown: outcome(
    'unknown',
    true,
    true,
    'unknown',
    'sent, but no readable response; may or may not have been applied',
  ),
  held: outcome('held', true, false, 'rejects', 'not sent: an earlier row of the same user is not settled'),
  unchanged: outcome('unchanged', false, false, null, 'not sent: an earlier run verified the same values'),
  not_sent: outcome('notSent', false, false, 'rejects', 'the run ended before this row was sent'),
} as const

export type Outcome = keyof typeof outcomes
export const outcomeNames = Object.keys(outcomes) as Outcome[]

function outcome<Key extends string>(
  key: Key,
  attention: boolean,
  errorBudget: boolean,
  reject: 'rejects' | 'unknown' | null,
  means: string,
) {
  return { key, attention, errorBudget, reject, means }
}
