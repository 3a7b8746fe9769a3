import { isUtf8 } from 'node:buffer'
import type { Stop } from '../model/exit.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Busiest, InferredType, PlanFile } from '../model/plan.ts'
import type { UnusableRecord } from '../model/run-facts.ts'
import type { RunStatus } from '../model/summary.ts'
import type { Addressed } from '../model/track-object.ts'
import type { ReasonCode } from '../model/verdict.ts'

/**
 * The version of the journal's lines; a reader refuses what is newer than itself. Since version 2 each line carries a
 * checksum; see `checksum.ts`. Which lines must have one follows from the lines themselves: the first one where it says
 * version 2, a `resumed` that says so, and every line behind one that has one. So a journal of version 1 stays what it
 * is, and gets checksums from where it is resumed; the first of them covers what comes before it, too.
 */
export const journalVersion = 2

/** A record's bytes: as text where they are UTF-8, else in base64, so that not one is lost. */
export type Raw = string | { base64: string }

/**
 * One line of `journal.ndjson`. Every line carries `t`, its type, and `at`, milliseconds since 1970. In the file a checksum
 * follows, which is taken off where the line is read.
 */
export type Entry =
  | RunEntry
  | PlannedEntry
  | ResumedEntry
  | SentEntry
  | AnsweredEntry
  | LostEntry
  | ObservedEntry
  | LookupEntry
  | ExportEntry
  | RefusedEntry
  | EndEntry

/** A line of the file. */
export type WrittenEntry = Entry & { crc?: string }

/** The first line: what this run is. Never the key; its fingerprint tells one key from another. */
export interface RunEntry {
  t: 'run'
  at: number
  journal: number
  run: string
  version: string
  /** What the report calls the target, and where it lies. */
  target: string
  url: string
  keyFingerprint: string
  /** Everything that decides what is sent, and how. */
  settings: JsonObject
  limitPerMinute: number | null
  /** The input files as they were named, and the folder that relative names start from. */
  inputs: string[]
  cwd: string
  /** An audit: it writes nothing to the target. */
  audits?: true | undefined
  /** The mapping file, where there is one; what it said is in the settings. */
  mapping: { path: string; sha256: string } | null
}

/** What the planning pass found; delivery uses these very types. Without this line the run was killed while planning. */
export interface PlannedEntry {
  t: 'planned'
  at: number
  objects: number
  /** Objects that are refused here. */
  invalid: number
  files: (Omit<PlanFile, 'header'> & { header: Raw | null })[]
  types: Record<string, InferredType>
  busiest?: Busiest
}

/** Another process resumes the run. Every line up to the next of these, or to the end, is its own. */
export interface ResumedEntry {
  t: 'resumed'
  at: number
  /** The version of the lines from here on; absent in version 1. */
  journal?: number
  version: string
  keyFingerprint: string
  /** The settings that differ from those of the run's first line. */
  settings: JsonObject
  limitPerMinute: number | null
}

/** Durable before the request leaves. The first attempt of each process carries the object. */
export interface SentEntry {
  t: 'sent'
  at: number
  seq: number
  /** Requests for this object so far, of all processes. */
  attempt: number
  /** The object in whose request this one rides (`--coalesce`). */
  with?: number | undefined
  object?: SentObject | undefined
}

export type SentObject = ObjectEntry & { body: JsonObject; leftOut?: string | undefined }

/** An answer. With `outcome` it ended the object; without, it did not (a 429, say). */
export interface AnsweredEntry {
  t: 'answered'
  at: number
  seq: number
  with?: number | undefined
  status: number
  ms: number
  outcome?: Outcome
  /** One reason a value, in the order of the request's values. */
  reasons?: ReasonCode[]
  /** The user as the answer shows it. */
  user?: JsonObject | null
  message?: string | undefined
  /** The profile is looked up as well: this end holds until an `observed` line says otherwise. */
  looksUp?: true | undefined
}

/** The reason there is no answer; `outcome` as above. */
export interface LostEntry {
  t: 'lost'
  at: number
  seq: number
  with?: number | undefined
  reason: string
  /** False where certainly nothing left. */
  sent: boolean
  ms: number
  outcome?: 'unknown'
}

/**
 * What a look at the profile says of one object. With `outcome` it is the object's end, in place of the one that its
 * response gave it, if any; without, it is not: it leaves that as it is or, with `applied`, the object is sent again.
 */
export interface ObservedEntry {
  t: 'observed'
  at: number
  seq: number
  outcome?: Outcome | undefined
  /** One reason a value, in the order of the request's values. */
  reasons?: ReasonCode[] | undefined
  /** What is known of the user, from the response and the profile, in the form of a response; no more than was asked for. */
  user?: JsonObject | null | undefined
  message?: string | undefined
  /** Nothing of the object is on the profile. */
  applied?: false | undefined
  /** The object, where no earlier line of this process carries it, and how often it was sent. */
  object?: SentObject | undefined
  attempts?: number | undefined
  /** The status of the response that accepted it. */
  status?: number | undefined
}

/** A request that read profiles: how many, and what came of it. */
export interface LookupEntry {
  t: 'lookup'
  at: number
  users: number
  /** Null where no response came; `reason` then says why. */
  status: number | null
  reason?: string | undefined
  ms: number
}

/** An export on disk that an audit compares with. */
export interface ExportEntry {
  t: 'export'
  at: number
  /** Users in it. */
  users: number
  /** Records that cannot be used, and the first of them. */
  unusable: number
  problems: UnusableRecord[]
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
  /** The fields an `invalid` object would have written, as far as they are understood. */
  fields?: string[]
  /** What an `unchanged` object asked for. */
  body?: JsonObject
}

/** How a process left the run; a resumed run has several. */
export interface EndEntry {
  t: 'end'
  at: number
  status: RunStatus
  /** Why it stopped before the end of its input, if it did. */
  stop: StopEntry | null
  /** Milliseconds in which a request could have left, and all that was read had to wait for an answer. */
  waitedForLanesMs: number
  /** Objects that could not be read any more, because their file is not what it was; the others have lines of their own. */
  unread?: number
}

/** Version 0.1 wrote the flags of a resume as they are typed. */
export type StopEntry = Omit<Stop, 'resumeWith'> & { resumeWith?: Record<string, string> | string }

/** A track object's place and original record. */
export interface ObjectEntry extends Addressed {
  raw: Raw
}

export function packRaw(bytes: Uint8Array): Raw {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return isUtf8(buffer) ? buffer.toString() : { base64: buffer.toString('base64') }
}

export function unpackRaw(raw: Raw): Uint8Array {
  return typeof raw === 'string' ? Buffer.from(raw) : Buffer.from(raw.base64, 'base64')
}
