/** What the values of a run are compared with: responses, profiles as well, or in an audit profiles alone. */
export type ComparedWith = 'responses' | 'both' | 'profiles'

/** By the summary of a run; `settled` are objects whose end comes from a profile. */
export function comparedWith({
  mode,
  lookups,
}: {
  mode: 'import' | 'audit'
  lookups: { settled: number }
}): ComparedWith {
  if (mode === 'audit') return 'profiles'
  return lookups.settled > 0 ? 'both' : 'responses'
}

/** Where a value can be shown. */
export const shownIn: Record<ComparedWith, string> = {
  responses: 'the responses',
  both: 'the responses or profiles',
  profiles: 'profiles',
}
