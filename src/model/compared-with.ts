import type { Summary } from './summary.ts'

/** What the values of a run are compared with: responses, profiles as well, or in an audit profiles alone. */
export type ComparedWith = 'responses' | 'both' | 'profiles'

export function comparedWith({ mode, lookups }: Pick<Summary, 'mode' | 'lookups'>): ComparedWith {
  if (mode === 'audit') return 'profiles'
  return lookups.settled > 0 ? 'both' : 'responses'
}

/** Where a value can be shown. */
export const shownIn: Record<ComparedWith, string> = {
  responses: 'the responses',
  both: 'the responses or profiles',
  profiles: 'profiles',
}
