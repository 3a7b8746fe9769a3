import type { JsonObject } from '../model/json.ts'
import type { Observation } from '../model/observation.ts'

/** What is known of the profile that an identifier leads to. */
export type Chosen = Pick<Observation, 'profile' | 'isAmbiguous'>

/**
 * Of several profiles with one email or phone number, Braze takes the most recently updated that has an external id; if
 * none has one, the most recently updated. Source: braze-docs post_user_track. An export does not show when a profile was
 * updated.
 */
export function chosen(profiles: readonly JsonObject[]): Chosen {
  const named = profiles.filter(({ external_id: id }) => id !== undefined && id !== null && id !== '')
  const [only, ...others] = named.length > 0 ? named : profiles
  if (only === undefined) return { profile: null }
  return others.length === 0 ? { profile: only } : { profile: null, isAmbiguous: true }
}
