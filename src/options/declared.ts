import type { Readings } from '../braze/assumptions.ts'
import type { Replay } from '../braze/idempotency.ts'
import type { Order } from '../deliver/claim.ts'
import type { LanePolicy } from '../deliver/delivery.ts'
import type { MapSettings } from '../map/mapping.ts'
import type { Rate } from '../model/exchange.ts'
import type { Plan } from '../model/plan.ts'
import type { ErrorBudget, Progress } from '../model/progress.ts'
import type { UndoPlan } from '../model/undo-plan.ts'
import type { ParseOptions } from '../parse/parse.ts'
import type { Source, Stream } from '../parse/source.ts'
import type { SandboxOptions } from '../sandbox/server.ts'

/**
 * The options as a program sets them. They are values, not the text of the flags: `rate: '8/s'` and `maxErrors: '2%'`
 * are errors. So is a name that is not here; `undefined` counts as not set.
 */

/** What values are compared with. */
export type Verify = 'answer' | 'profile'

/** What to read and how to interpret it. `plan` accepts the options of an import as well, so one object serves both. */
export interface PlanOptions extends ParseOptions, MapSettings {
  /**
   * Paths, patterns such as `exports/*.csv`, or sources of your own, read in this order, each more than once. A stream
   * can be read only once, so `importFiles` keeps a copy in the run's folder.
   */
  files: readonly (string | Source | Stream)[]
  /** Requests in a window of time, or `off` for a host on this machine. Default 500 a minute, the endpoint's own limit. */
  rate?: Rate
  /**
   * What values are compared with: the response (`answer`, default), or also the profile as a lookup shows it. `profile`
   * needs the permission `users.export.ids`.
   */
  verify?: Verify
  /**
   * Looks each user up before its first row is sent, and keeps what that shows in `before.ndjson`. Counts and sums then
   * have a baseline, and the run can be undone. Default false.
   */
  snapshot?: boolean
  /** Requests to `/users/export/ids` in a window of time. Default 250 a minute; 40 a second where the workspace allows it. */
  lookupRate?: Rate
  /** How to interpret what the documentation leaves open; the table `readings` has the names, values and defaults. */
  readings?: Partial<Readings>
}

/** Where and how to send, and which callbacks to call. */
export interface ImportOptions extends PlanOptions {
  /** The REST host of your instance, `https://…`; there is no default. Plain `http` is accepted only for this machine. */
  url: string
  /** The REST API key with the permission `users.track.sync`. It is sent to that host and never stored. */
  key: string
  /** What the report calls the target. Default: the host. */
  target?: string
  /**
   * The proxy that requests go through, `http://…` or `https://…`. Default: the variables `HTTPS_PROXY`,
   * `HTTP_PROXY` and `NO_PROXY`. It may contain a password, so it is never stored.
   */
  proxy?: string
  /** The maximum number of requests in flight. Default 50. */
  concurrency?: number
  /** How many objects to read ahead; the next one to send is chosen among them. Default 1,000. */
  readAhead?: number
  /** A lane per user (default), or per user and attribute, event name or product. */
  order?: Order
  /** Sends the waiting attribute rows of one user as one request; each keeps its own verdicts. Default false. */
  coalesce?: boolean
  /** The baseline: the folder of an earlier run to the same target, whose verified rows are not sent again. */
  skipUnchanged?: string
  /** `array` (default) sends the object as a list of one, as the documentation's examples do. */
  bodyForm?: 'array' | 'object'
  /** What may be retried after a lost response. Default `safe`: what does no harm twice. */
  replay?: Replay
  /**
   * How long an accepted value may take to show in a profile before its verdict is final, in milliseconds. Default
   * 300,000: the API advises five minutes.
   */
  settleMs?: number
  /** Reads no profiles: what is in doubt then stays unknown. Default false. */
  noLookups?: boolean
  /** How long a request may take, in milliseconds. Default 90,000: the API responds within seconds. */
  timeoutMs?: number
  /** How many retries after failures the run may make before it stops. Default 50 %, at least 500. */
  maxRetries?: ErrorBudget
  /** What happens to the later rows of a user after an unknown one. Default `hold`. */
  afterUnknown?: LanePolicy
  /** What happens to the later rows of a user after a rejected one. Default `continue`. */
  afterRejected?: LanePolicy
  /** The run stops at this many invalid, rejected, unknown and mismatched objects. Default 100. */
  maxErrors?: ErrorBudget
  /** The file that `mapping` was read from. It is not read again, but a resume is refused if it has changed. */
  mappingFile?: string
  /** Where runs are written. Default `reports`. */
  runsDir?: string
  /** The name of the run's folder. Default: the time and the first file's name. */
  runId?: string
  /** An earlier plan of the same files with the same options; saves reading them again. */
  plan?: Plan
  /**
   * Stops the run when aborted: requests in flight are waited for, and the report is written. A `Stop` as the reason
   * determines how the run ends.
   */
  stop?: AbortController
  /**
   * Called once the plan is known, before anything is sent. An error in it, or in `onStart` or `onProgress`, stops the run
   * and is thrown again when the run has ended; `resume` can continue it.
   */
  onPlan?: (plan: Plan, folder: string) => void
  /** Called when sending begins: how many objects there are, and how many are already settled. */
  onStart?: (progress: Readonly<Progress>, folder: string) => void
  /** Called whenever an object is settled or a request is sent. */
  onProgress?: (progress: Readonly<Progress>) => void
}

/** What to compare, with which profiles, and which callbacks to call. An audit writes nothing to the API. */
export interface AuditOptions
  extends Omit<PlanOptions, 'rate' | 'verify' | 'snapshot'>,
    Partial<Pick<ImportOptions, 'url' | 'key'>>,
    Pick<
      ImportOptions,
      | 'target'
      | 'proxy'
      | 'timeoutMs'
      | 'mappingFile'
      | 'runsDir'
      | 'runId'
      | 'stop'
      | 'onPlan'
      | 'onStart'
      | 'onProgress'
    > {
  /**
   * Exports on disk to compare with, in place of lookups: the response of `/users/export/ids`, or the lines of a segment
   * export. Neither `url` nor `key` is needed then.
   */
  against?: readonly string[]
}

/** The same for an audit of an earlier run, whose rows are compared as that run read them. */
export type AuditRunOptions = Pick<
  AuditOptions,
  | 'url'
  | 'key'
  | 'against'
  | 'readings'
  | 'target'
  | 'proxy'
  | 'lookupRate'
  | 'timeoutMs'
  | 'runsDir'
  | 'runId'
  | 'stop'
  | 'onStart'
  | 'onProgress'
>

export interface ReportOptions {
  /** The same report with a hash in place of every value, identifier and record; into a folder of its own. */
  redact?: boolean
  /** The folder of a run to compare this one with; what changed goes into `compare.csv`. */
  compare?: string
}

/** Settings of the commands that the library does not have. */
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

/** Every setting. The table has a row for each. */
export type Settings = ImportOptions &
  ReportOptions &
  Pick<AuditOptions, 'against'> &
  SandboxOptions &
  CommandSettings & {
    /** The key may differ: it was replaced in the same workspace. */
    newKey?: boolean
    /** Asked before an undo sends anything. */
    agree?: (plan: UndoPlan) => boolean | Promise<boolean>
    /** Unknown rows are looked up, and nothing else is done. */
    onlyUnknown?: boolean
  }

/** The settings that are set, as values of the library. */
export type Values = Partial<Settings>
