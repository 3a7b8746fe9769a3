import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Format } from '../model/row.ts'
import type { Stop } from '../model/stop.ts'
import type { RunStatus } from '../model/summary.ts'
import type { Addressed } from '../model/track-object.ts'
import type { ReasonCode } from '../model/verdict.ts'

/** The version of the journal's lines; a reader refuses what is newer than itself. */
export const journalVersion = 1

/** A record's bytes: as text where they are UTF-8, else in base64, so that not one is lost. */
export type Raw = string | { base64: string }

/** One line of `journal.ndjson`. Every line carries `t`, its type, and `at`, milliseconds since 1970. */
export type Entry = RunEntry | PlannedEntry | SentEntry | AnsweredEntry | LostEntry | RefusedEntry | EndEntry

/** The first line: what this run is. Never the key; its fingerprint tells one key from another. */
export interface RunEntry {
  t: 'run'
  at: number
  journal: number
  run: string
  version: string
  target: string
  keyFingerprint: string
  settings: JsonObject
  limitPerMinute: number | null
  inputs: { path: string; bytes: number; sha256: string }[]
}

/** What the planning pass found; delivery uses these very types. */
export interface PlannedEntry {
  t: 'planned'
  at: number
  objects: number
  files: { path: string; format: Format; rows: number; header: Raw | null }[]
  types: Record<string, 'number' | 'boolean' | 'string'>
}

/** Durable before the request leaves. Only the first attempt carries the object. */
export interface SentEntry {
  t: 'sent'
  at: number
  seq: number
  attempt: number
  object?: ObjectEntry & { body: JsonObject; leftOut?: string }
}

/** An answer. With `outcome` it ended the object; without, it did not (a 429, say). */
export interface AnsweredEntry {
  t: 'answered'
  at: number
  seq: number
  status: number
  ms: number
  outcome?: Outcome
  /** One reason a value, in the order of the request's values. */
  reasons?: ReasonCode[]
  /** The user as the answer shows it. */
  user?: JsonObject | null
  message?: string
}

/** The reason there is no answer; `outcome` as above. */
export interface LostEntry {
  t: 'lost'
  at: number
  seq: number
  reason: string
  ms: number
  outcome?: 'unknown'
}

/** An object that was not sent, or certainly not applied, and why. */
export interface RefusedEntry {
  t: 'refused'
  at: number
  seq: number
  outcome: 'invalid' | 'held' | 'unchanged' | 'not_sent'
  reason: string
  message: string
  object: ObjectEntry
}

/** How a process left the run; a run that is gone on with has several. */
export interface EndEntry {
  t: 'end'
  at: number
  status: RunStatus
  /** Why it stopped before the end of its input, if it did. */
  stop: Stop | null
}

/** A track object's place and original record. */
export interface ObjectEntry extends Addressed {
  raw: Raw
}
