import type { Damage } from './damage.ts'
import type { Stop } from './exit.ts'
import type { PlannedRun } from './plan.ts'
import type { RunStatus } from './summary.ts'
import type { Timeline } from './timeline.ts'

/** What is known of a run as a whole, apart from its objects. */
export interface RunFacts {
  run: string
  version: string
  target: string
  limitPerMinute: number | null
  startedAt: number
  /** When the last process of the run left it; the last line's time where it was killed. */
  finishedAt: number
  /** Null where no process said goodbye: the run was killed. */
  status: RunStatus | null
  stop: Stop | null
  /** Milliseconds in which a process was at work on it; the time between processes is not counted. */
  activeMs: number
  /** Processes that went on with it after the first. */
  resumes: number
  /** The input files, as they were named. */
  inputs: string[]
  /** Null where the run did not get through its planning. */
  planned: PlannedRun | null
  requests: RequestFigures
  timeline: Timeline
  /** Milliseconds in which requests could have left, and all that was read had to wait for an answer. */
  waitedForLanesMs: number
  /** Objects that have no line, because they could not be read any more. */
  unread: number
  /** Where the journal is damaged; what is known here is then of what stands before. */
  damage: Damage | null
}

export interface RequestFigures {
  sent: number
  answered: number
  retried: number
  rateLimited: number
  /** Objects that left in the request of another. */
  coalesced: number
  /** Milliseconds between one request and the next, added up, and how many such gaps; the time between processes is none. */
  gapsMs: number
  gaps: number
  /** Answers per millisecond of latency; slower ones count in the last place. */
  latency: Uint32Array
}
