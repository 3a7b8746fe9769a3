import type { Damage } from './damage.ts'
import type { Outcome, outcomes } from './outcome.ts'

/** Why a run ended, for people and for the exit code. */
export type RunStatus = 'finished' | 'stopped' | 'interrupted'

/** `summary.json`. Its keys are frozen: they may be added to, never renamed. */
export interface Summary {
  run: string
  version: string
  status: RunStatus
  exitCode: number
  /** `https://…`, or `sandbox`. */
  target: string
  startedAt: string
  finishedAt: string
  durationMs: number
  inputs: { path: string; bytes: number; sha256: string; rows: number }[]
  objects: { total: number } & Record<(typeof outcomes)[Outcome]['key'], number>
  /** Objects that were not applied, or may not have been, and that a later row of the same user and field has overtaken. */
  overtaken: number
  values: {
    total: number
    match: number
    equivalent: number
    unverifiable: number
    changed: number
    notApplied: number
    unknown: number
  }
  /** Values per reason code; `exact` included. */
  reasons: Record<string, number>
  fields: Record<string, { total: number; match: number; differ: number; unverifiable: number }>
  /** `audit`: nothing was to be sent. */
  mode: 'import' | 'audit'
  /**
   * What was read of profiles: requests, users looked up, requests that showed nothing, objects whose end comes from a
   * profile. Of an export on disk: no requests, the users in it, and the records that cannot be used.
   */
  lookups: { requests: number; users: number; failed: number; settled: number }
  requests: {
    sent: number
    answered: number
    retried: number
    rateLimited: number
    coalesced: number
    perMinute: number
    limitPerMinute: number | null
    latencyMs: { p50: number; p95: number; p99: number; max: number }
  }
  /**
   * Only if the journal is damaged: the report then covers only what comes before. It does not mention `rows` rows; they
   * may have been sent, so they count as unknown.
   */
  damage?: Damage & { rows: number }
}
