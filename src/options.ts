import { resolve } from 'node:path'
import type { LanePolicy } from './deliver/delivery.ts'
import type { Order } from './deliver/who-what.ts'
import type { MapSettings } from './map/mapping.ts'
import type { Rate } from './model/exchange.ts'
import type { JsonObject } from './model/json.ts'
import { limits } from './model/limits.ts'
import type { Plan } from './model/plan.ts'
import { TrackSyncError } from './model/problem.ts'
import type { ErrorBudget, Progress } from './model/progress.ts'
import type { Readings } from './model/readings.ts'
import type { Replay } from './model/replay.ts'
import type { ParseOptions } from './parse/parse.ts'
import type { Source, Stream } from './parse/source.ts'

/** What to read and how to understand it. */
export interface PlanOptions extends ParseOptions, MapSettings {
  /**
   * Paths, patterns such as `exports/*.csv`, or sources of your own, read in this order, more than once each. A stream
   * can be read once: `importFiles` keeps a copy in the run's folder.
   */
  files: readonly (string | Source | Stream)[]
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
  /** Objects read ahead; who goes next is chosen among them. Default 1,000. */
  readAhead?: number
  /** A lane per user (default), or per user and attribute, event name or product. */
  order?: Order
  /** Waiting attribute rows of one user leave as one request; each keeps verdicts of its own. Default false. */
  coalesce?: boolean
  /** The folder of an earlier run to the same target: what it verified last is not sent. */
  skipUnchanged?: string
  /** `array` (default) sends the object as a list of one, as the documentation's examples do. */
  bodyForm?: 'array' | 'object'
  /** What may be sent again after a lost answer. Default `safe`: what does no harm twice. */
  replay?: Replay
  /** How long an answer may take, in milliseconds. Default 90,000: the API answers within seconds. */
  timeoutMs?: number
  /** Requests that are sent again after failures, in all; beyond it the run stops. Default 50 %, at least 500. */
  maxRetries?: ErrorBudget
  /** The later rows of a user after one whose end is unknown. Default `hold`. */
  afterUnknown?: LanePolicy
  /** The later rows of a user after one that was rejected. Default `continue`. */
  afterRejected?: LanePolicy
  /** Invalid, rejected, unknown and mismatched objects together; reached, the run stops. Default 100. */
  maxErrors?: ErrorBudget
  /** The file that `mapping` was read from. Resume refuses to go on where it has changed. */
  mappingFile?: string
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
  /** Called when sending begins: how many objects there are, and how many of them had ended before. */
  onStart?: (progress: Readonly<Progress>, folder: string) => void
  /** Called whenever an object has ended or a request has left. */
  onProgress?: (progress: Readonly<Progress>) => void
}

/**
 * How to go on with a run: everything that does not change what is sent. What is not said stays as the run had it. The
 * files are found where they were, unless `files` brings them.
 */
export interface ResumeOptions
  extends Pick<ImportOptions, 'key' | 'stop' | 'onPlan' | 'onStart' | 'onProgress'>,
    Partial<Pick<ImportOptions, ResumeSetting | 'url' | 'target' | 'files'>> {
  /** The key may be another than before: it was replaced by a new one of the same workspace. Default false. */
  newKey?: boolean
}

/** The settings a resume may change. */
export const resumeSettings = [
  'rate',
  'concurrency',
  'readAhead',
  'order',
  'timeoutMs',
  'replay',
  'maxRetries',
  'afterUnknown',
  'afterRejected',
  'maxErrors',
] as const satisfies (keyof ImportOptions)[]
type ResumeSetting = (typeof resumeSettings)[number]

export const defaults = {
  rate: { requests: limits.requestsPerMinute.max, windowMs: 60_000 } satisfies Rate,
  concurrency: 50,
  readAhead: 1000,
  order: 'user',
  coalesce: false,
  bodyForm: 'array',
  timeoutMs: 90_000,
  replay: 'safe',
  maxRetries: { percent: 50 },
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

/** What the journal keeps of the options: everything that decides what is sent and how, and nothing secret. */
export function settingsOf(options: ImportOptions): JsonObject {
  const {
    files: _files,
    url: _url,
    key: _key,
    target: _target,
    plan: _plan,
    stop: _stop,
    onPlan: _onPlan,
    onStart: _onStart,
    onProgress: _onProgress,
    skipUnchanged,
    ...rest
  } = options
  const skip = skipUnchanged === undefined ? {} : { skipUnchanged: resolve(skipUnchanged) }
  return JSON.parse(JSON.stringify({ ...rest, ...skip })) as JsonObject
}

/** The options of a run as its journal has them, with what a resume says on top. */
export function resumedOptions(
  settings: JsonObject,
  given: ResumeOptions,
): Omit<ImportOptions, 'files' | 'url'> {
  const { key, stop, onPlan, onStart, onProgress } = given
  const changed = Object.fromEntries(
    resumeSettings.flatMap(name => (given[name] === undefined ? [] : [[name, given[name]]])),
  )
  const told = Object.entries({ stop, onPlan, onStart, onProgress }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...settings, ...changed, key, ...Object.fromEntries(told) }
}
