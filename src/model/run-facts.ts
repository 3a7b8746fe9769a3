import type { Damage } from './damage.ts'
import type { Stop } from './exit.ts'
import type { PlannedRun } from './plan.ts'
import type { RunStatus } from './summary.ts'
import type { Timeline } from './timeline.ts'

/** The facts about a run as a whole, apart from its objects. */
export interface RunFacts {
  run: string
  version: string
  target: string
  limitPerMinute: number | null
  startedAt: number
  /** When the last process of the run ended; the time of the last line if it was killed. */
  finishedAt: number
  /** Null if no process recorded its end: the run was killed. */
  status: RunStatus | null
  stop: Stop | null
  /** Milliseconds in which a process was running; the time between processes is not counted. */
  activeMs: number
  /** How many processes resumed it. */
  resumes: number
  /** Nothing was to be sent: what the profiles hold was compared with what the rows say. */
  isAudit: boolean
  /** The input files, as they were named. */
  inputs: string[]
  /** Null if the run ended before its plan was complete. */
  planned: PlannedRun | null
  requests: RequestFigures
  lookups: LookupFigures
  /** The export on disk that an audit compares with; null where it looks users up. */
  exported: ExportFigures | null
  timeline: Timeline
  /** Milliseconds in which the rate allowed a request, but all rows read ahead had to wait for a response. */
  waitedForLanesMs: number
  /** Objects without a line, because the input could no longer be read. */
  unread: number
  /** Where the journal is damaged; the facts then cover only what comes before. */
  damage: Damage | null
}

/** What was read of profiles. */
export interface LookupFigures {
  /** Requests to `/users/export/ids`. */
  requests: number
  /** Users looked up; one who was looked up twice counts twice. Of an export on disk, the users in it. */
  users: number
  /** Requests that showed nothing: a refusal, an error, no readable response. Of an export, records that cannot be used. */
  failed: number
  /** Objects whose end comes from a profile. */
  settled: number
}

/** What is known of an export on disk. */
export interface ExportFigures {
  /** Users in it; one who is in it twice counts twice. */
  users: number
  /** Records that cannot be used, and the first of them. */
  unusable: number
  problems: readonly UnusableRecord[]
}

/** A record of an export that cannot be used, or not wholly. */
export interface UnusableRecord {
  file: string
  line: number
  message: string
}

export interface RequestFigures {
  sent: number
  answered: number
  retried: number
  rateLimited: number
  /** Objects that were sent in the request of another. */
  coalesced: number
  /** The sum of milliseconds between requests, and the number of such gaps, without the time between processes. */
  gapsMs: number
  gaps: number
  /** Responses per millisecond of latency; slower ones count in the last element. */
  latency: Uint32Array
}
