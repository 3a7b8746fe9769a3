import type { Sourced } from '../model/provenance.ts'
import { limits } from './limits.ts'

/** An endpoint of the API as data, which the sender, the sandbox and messages share. */
export interface Endpoint extends Sourced {
  /** Requests are `POST` to this path. */
  path: string
  /** The permission that the key needs. */
  permission: string
  /** What the account needs besides the key's permission; absent if every account may call it. */
  access?: string
  /** The rate limit: requests per window of time. */
  rate: { requests: number; windowMs: number }
  /** The faster rate of requests that ask for little; absent where there is none. */
  fastRate?: { requests: number; windowMs: number }
  /** The most objects, or profiles, in one request, of all kinds together. */
  objectsMax: number
  /**
   * What the response contains for each object: its changed profile, only that it was accepted, or the whole profile.
   */
  result: 'changed profile' | 'acceptance' | 'profile'
}

export const endpoints = {
  trackSync: {
    path: '/users/track/sync',
    permission: 'users.track.sync',
    access: 'be in the closed beta of /users/track/sync',
    rate: { requests: limits.requestsPerMinute.max, windowMs: 60_000 },
    objectsMax: 1,
    result: 'changed profile',
    basis: 'documented',
    source: 'braze-docs post_user_track_synchronous',
  },
  track: {
    path: '/users/track',
    permission: 'users.track',
    rate: { requests: 3000, windowMs: 3000 },
    objectsMax: limits.trackBatch.max,
    result: 'acceptance',
    basis: 'documented',
    source: 'braze-docs post_user_track, api_limits',
  },
  exportIds: {
    path: '/users/export/ids',
    permission: 'users.export.ids',
    rate: { requests: 250, windowMs: 60_000 },
    fastRate: { requests: 40, windowMs: 1000 },
    objectsMax: limits.exportIds.max,
    result: 'profile',
    basis: 'documented',
    source: 'braze-docs post_users_identifier, api_limits',
  },
} as const satisfies Record<string, Endpoint>
