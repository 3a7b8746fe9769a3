import type { LanePolicy } from './deliver/deliver.ts'
import type { MapSettings } from './map/mapping.ts'
import type { Rate } from './model/exchange.ts'
import { limits } from './model/limits.ts'
import type { Plan } from './model/plan.ts'
import { TrackSyncError } from './model/problem.ts'
import type { ErrorBudget, Progress } from './model/progress.ts'
import type { Readings } from './model/readings.ts'
import type { Replay } from './model/replay.ts'
import type { Source } from './parse/open.ts'
import type { ParseOptions } from './parse/parse.ts'

/** What to read and how to understand it. */
export interface PlanOptions extends ParseOptions, MapSettings {
  /** Paths, or sources of your own; read in this order, more than once each. */
  files: readonly (string | Source)[]
  /** Requests a minute. Default 500, the endpoint's own limit. */
  rate?: Rate
  /** How to read what the documentation leaves open; the table `readings` has the names, values and defaults. */
  readings?: Partial<Readings>
}

/** Where to send, how, and whom to tell. */
export interface ImportOptions extends PlanOptions {
  /** The REST host of your instance, `https://…`; there is no default. Plain `http` is taken for this machine only. */
  url: string
  /** The REST API key with the permission `users.track.sync`. It is sent to that host and kept nowhere. */
  key: string
  /** What the report calls the target. Default: the host. */
  target?: string
  /** Requests in flight at most. Default 50. */
  concurrency?: number
  /** Objects read ahead of the one that waits longest. Default 1,000. */
  readAhead?: number
  /** `array` (default) sends the object as a list of one, as the documentation's examples do. */
  bodyForm?: 'array' | 'object'
  /** What may be sent again after a lost answer. Default `safe`: what does no harm twice. */
  replay?: Replay
  /** The later rows of a user after one whose end is unknown. Default `hold`. */
  afterUnknown?: LanePolicy
  /** The later rows of a user after one that was rejected. Default `continue`. */
  afterRejected?: LanePolicy
  /** Invalid, rejected, unknown and mismatched objects together; reached, the run stops. Default 100. */
  maxErrors?: ErrorBudget
  /** Where runs are written. Default `reports`. */
  runsDir?: string
  /** The name of the run's folder. Default: the time and the first file's name. */
  runId?: string
  /** A plan made before of the same files with the same options; saves reading them again. */
  plan?: Plan
  /** Aborted with a `Stop` as its reason, the run stops: what is in flight is waited for, and the report is written. */
  stop?: AbortController
  /** Called once the plan is known, before anything is sent. */
  onPlan?: (plan: Plan, folder: string) => void
  /** Called whenever an object has ended or a request has left. */
  onProgress?: (progress: Readonly<Progress>) => void
}

export const defaults = {
  rate: { requests: limits.requestsPerMinute.max, windowMs: 60_000 } satisfies Rate,
  concurrency: 50,
  readAhead: 1000,
  bodyForm: 'array',
  replay: 'safe',
  afterUnknown: 'hold',
  afterRejected: 'continue',
  maxErrors: 100,
  runsDir: 'reports',
} as const satisfies Partial<ImportOptions>

/** Refuses counts with which nothing would ever be sent. */
export function checkCounts({ concurrency = 1, readAhead = 1 }: ImportOptions): void {
  for (const [field, value] of Object.entries({ concurrency, readAhead })) {
    if (Number.isSafeInteger(value) && value > 0) continue
    const message = `\`${field}\` should be a whole number from 1; it is ${value}.`
    throw new TrackSyncError('settings_invalid', message, {
      field,
      expected: 'a whole number from 1',
      came: String(value),
    })
  }
}

/** What the journal keeps of the options: everything that decides what is sent, and nothing secret. */
export function settingsOf(options: ImportOptions): Record<string, never> {
  const {
    files: _files,
    key: _key,
    plan: _plan,
    stop: _stop,
    onPlan: _onPlan,
    onProgress: _onProgress,
    ...rest
  } = options
  return JSON.parse(JSON.stringify(rest)) as Record<string, never>
}
