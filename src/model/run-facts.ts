import type { Format } from './row.ts'
import type { Stop } from './stop.ts'
import type { RunStatus } from './summary.ts'

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
  inputs: { path: string; bytes: number; sha256: string }[]
  /** Null where the run did not get through its planning. */
  planned: { objects: number; files: PlannedFile[] } | null
  requests: RequestFigures
}

export interface PlannedFile {
  path: string
  format: Format
  rows: number
  /** The header's own bytes; null where the format has none. */
  header: Uint8Array | null
}

export interface RequestFigures {
  sent: number
  answered: number
  retried: number
  rateLimited: number
  firstAt: number
  lastAt: number
  /** Answers per millisecond of latency; slower ones count in the last place. */
  latency: Uint32Array
}
