import type { ComparedWith } from './compared-with.ts'

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

/** What an outcome means where values are not compared with responses alone, as far as that is another thing. */
const otherMeanings: Record<Exclude<ComparedWith, 'responses'>, Partial<Record<Outcome, string>>> = {
  both: {
    unverifiable: 'accepted; neither response nor profile shows the fields',
    unknown: 'no readable response, or not in the profile in time; may or may not have been applied',
  },
  profiles: {
    unverifiable: 'nothing could be compared; values.csv says why',
    mismatched: 'at least one value differs from the profile',
    invalid: 'failed validation; not compared',
    unknown: 'the profile could not be read',
    not_sent: 'not compared; rows.csv says why',
  },
}

/** What an outcome means in a run whose values are compared with this. */
export function meaningOf(name: Outcome, compared: ComparedWith): string {
  const { means } = outcomes[name]
  return compared === 'responses' ? means : (otherMeanings[compared][name] ?? means)
}

function outcome<Key extends string>(
  key: Key,
  attention: boolean,
  errorBudget: boolean,
  reject: 'rejects' | 'unknown' | null,
  means: string,
) {
  return { key, attention, errorBudget, reject, means }
}
