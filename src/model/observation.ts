import type { JsonObject } from './json.ts'

/** What a look at a profile shows of one user, be it a lookup or an export on disk. */
export interface Observation {
  /** The profile in the forms of an export, with the fields that were asked for; null where no profile has the identifier. */
  profile: JsonObject | null
  /** When it was seen, in milliseconds since 1970. */
  at: number
  /** Several profiles have the identifier, and which of them Braze would choose cannot be told. */
  isAmbiguous?: true
  /** The identifier leads to a profile that has another one now: it was renamed or merged. */
  isRenamed?: true
}

/** A user to look at. */
export interface Wanted {
  /** The user key (see `identifiers.ts`). */
  user: string
  /** The fields of an export to ask for; identifiers need not be named. */
  fields: readonly string[]
}

/** Why nothing was seen. */
export interface Unseen {
  /** `denied`: the key may not export. `failed`: no readable response came. `stopped`: the run is being stopped. */
  why: 'denied' | 'failed' | 'stopped'
  message: string
}

export type Look = { seen: Observation } | { unseen: Unseen }

/** Where profiles are looked up. */
export interface ProfileSource {
  /** Never rejects. With `urgent`, somebody waits: the look does not wait for others to share its request. */
  look: (wanted: Wanted, urgent?: boolean) => Promise<Look>
  /** Nobody else will ask for now: whoever waits need not wait for others to share a request. */
  hurry?: () => void
  close: () => Promise<void>
}
