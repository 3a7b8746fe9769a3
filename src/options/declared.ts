import type { Readings } from '../braze/assumptions.ts'
import type { Replay } from '../braze/idempotency.ts'
import type { Order } from '../deliver/claim.ts'
import type { LanePolicy } from '../deliver/delivery.ts'
import type { MapSettings } from '../map/mapping.ts'
import type { Rate } from '../model/exchange.ts'
import type { Plan } from '../model/plan.ts'
import type { ErrorBudget, Progress } from '../model/progress.ts'
import type { ParseOptions } from '../parse/parse.ts'
import type { Source, Stream } from '../parse/source.ts'
import type { SandboxOptions } from '../sandbox/server.ts'

/**
 * The options as a program gives them. They are values, not the text of the flags: `rate: '8/s'` and `maxErrors: '2%'`
 * are refused. A name that is not here is refused, too; `undefined` says nothing.
 */

/** What to read and how to understand it. `plan` takes the options of an import as well, so that one object does for both. */
export interface PlanOptions extends ParseOptions, MapSettings {
  /**
   * Paths, patterns such as `exports/*.csv`, or sources of your own, read in this order, more than once each. A stream
   * can be read once: `importFiles` keeps a copy in the run's folder.
   */
  files: readonly (string | Source | Stream)[]
  /** Requests in a window of time, or `off` for a host on this machine. Default 500 a minute, the endpoint's own limit. */
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
  /**
   * The proxy that requests go through, `http://…` or `https://…`. Default: what the variables `HTTPS_PROXY`,
   * `HTTP_PROXY` and `NO_PROXY` say. It may hold a password, so it is kept nowhere.
   */
  proxy?: string
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
  /** The file that `mapping` was read from; it is not read. Resume refuses to go on where it has changed. */
  mappingFile?: string
  /** Where runs are written. Default `reports`. */
  runsDir?: string
  /** The name of the run's folder. Default: the time and the first file's name. */
  runId?: string
  /** A plan made before of the same files with the same options; saves reading them again. */
  plan?: Plan
  /**
   * Aborted, the run stops: what is in flight is waited for, and the report is written. With a `Stop` as the reason, it
   * ends as that says.
   */
  stop?: AbortController
  /**
   * Called once the plan is known, before anything is sent. What it throws, or what `onStart` and `onProgress` throw,
   * stops the run, and is thrown again when the run has ended; `resume` goes on with it.
   */
  onPlan?: (plan: Plan, folder: string) => void
  /** Called when sending begins: how many objects there are, and how many of them had ended before. */
  onStart?: (progress: Readonly<Progress>, folder: string) => void
  /** Called whenever an object has ended or a request has left. */
  onProgress?: (progress: Readonly<Progress>) => void
}

export interface ReportOptions {
  /** The same report with a hash in place of every value, identifier and record; into a folder of its own. */
  redact?: boolean
  /** The folder of a run to compare this one with; what changed goes into `compare.csv`. */
  compare?: string
}

/** What the commands can be told beside what the library takes. */
interface CommandSettings {
  sandbox?: boolean
  apiKeyFile?: string
  once?: boolean
  yes?: boolean
  metrics?: string
  open?: boolean
  json?: boolean
  quiet?: boolean
  logFormat?: 'text' | 'json'
  noColor?: boolean
  config?: string
}

/** Everything that anybody can set. The table has a row for each. */
export type Settings = ImportOptions &
  ReportOptions &
  SandboxOptions &
  CommandSettings & {
    /** The key may be another than before: it was replaced by a new one of the same workspace. */
    newKey?: boolean
  }

/** The settings that somebody made, as the library takes them. */
export type Values = Partial<Settings>
