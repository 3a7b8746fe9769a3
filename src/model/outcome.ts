/**
 * Each track object ends in exactly one outcome, and the outcomes always add up. `key` is the name in
 * `summary.json`; `attention` says whether people have to look; `errorBudget` whether it counts for `--max-errors`;
 * `reject` in which file the original record is kept.
 */
export const outcomes = {
  verified: outcome('verified', false, false, null, 'stored as asked'),
  unverifiable: outcome(
    'unverifiable',
    false,
    false,
    null,
    'accepted; the answer shows none of these fields',
  ),
  mismatched: outcome(
    'mismatched',
    true,
    true,
    null,
    'accepted, but at least one value is not what was asked',
  ),
  rejected: outcome('rejected', true, true, 'rejects', 'refused by Braze; not applied'),
  invalid: outcome('invalid', true, true, 'rejects', 'refused here; never sent'),
  unknown: outcome(
    'unknown',
    true,
    true,
    'unknown',
    'sent, no answer that can be read; may or may not be applied',
  ),
  held: outcome('held', true, false, 'rejects', 'not sent: an earlier row of the same user is not settled'),
  unchanged: outcome('unchanged', false, false, null, 'not sent: an earlier run verified these very values'),
  not_sent: outcome('notSent', false, false, 'rejects', 'the run ended before its turn'),
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
