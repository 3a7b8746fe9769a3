/** What an undo of a run would do. */
export interface UndoPlan {
  /** The rows that put values back: `undo.ndjson`. */
  file: string
  users: number
  values: number
  /** Values that are already as they were before the run. */
  asBefore: number
  /** Values that are left alone, by why; each is in `undo-left.csv`. */
  left: Record<LeftReason, number>
  leftFile: string
  /** Rows with an event or a purchase: nothing takes those back. */
  occurrences: number
  /** Why the first profile that could not be read could not; null where all could. */
  lookupFailure: string | null
}

/** Why a value is left alone. */
export const leftReasons = {
  changed_since: 'Somebody has changed it since.',
  not_exported: 'No export shows this field, so nobody can tell whether it still stands.',
  not_in_snapshot: 'The snapshot does not show what was there before.',
  other_profile: 'The identifier leads to another profile now, or to several.',
  several_identifiers:
    'The run has written to this profile under another identifier as well, so it is not certain what was there before.',
  result_unknown: 'It is not known what the run left there.',
  reads_as_operation: 'The value that was there would be read as an operation.',
  not_clearable: 'There was no value before, and no request is known to clear this field.',
  not_storable: 'No request can store the value that was there as it was.',
  lookup_failed: 'The profile could not be read.',
} as const
export type LeftReason = keyof typeof leftReasons
