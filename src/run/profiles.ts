import { checkTarget } from '../deliver/host.ts'
import { stopOf } from '../model/exit.ts'
import type { ProfileSource } from '../model/observation.ts'
import { type ProblemCode, TrackSyncError } from '../model/problem.ts'
import type { AuditOptions } from '../options.ts'
import type { InExport } from '../reconcile/judge-look.ts'
import type { Head } from './begin.ts'
import type { Start } from './stages.ts'

/** The profiles that an audit compares with. */
export interface Profiles {
  /** What the first line of the journal says of them. */
  head: Head
  /** Once the run is told to stop, nothing is seen. */
  open: (start: Start) => Promise<AuditSource>
}

/** Where an audit sees profiles; with what is known of the export, if it is one on disk. */
export interface AuditSource extends ProfileSource {
  inExport?: InExport
  /** Requests made so far. */
  requests?: number
}

/** Those of the API, or those of an export on disk. */
export function profilesFor(options: AuditOptions): Profiles {
  return options.against === undefined ? ofApi(options) : ofExport(options.against)
}

/** Where a run that was told to stop sees nothing. */
export function noProfiles({ stop }: Pick<Start, 'stop'>): AuditSource {
  const look = { unseen: { why: 'stopped' as const, message: stopOf(stop.signal).message } }
  return { look: async () => await Promise.resolve(look), close: async () => await Promise.resolve() }
}

function ofExport(paths: readonly string[]): Profiles {
  return {
    head: { target: paths.join(', '), url: '', limitPerMinute: null, audits: true },
    open: async start => {
      const { folder, journal, stop } = start
      try {
        const { openExport } = await import('./open-export.ts')
        const source = await openExport(paths, folder, stop.signal)
        const { users, fields, problemsTotal: unusable, problems } = source
        journal.exported({ users, unusable, problems: problems.slice(0, problemsKept) })
        return Object.assign(source, { inExport: { users, fields, unusable } })
      } catch (error) {
        if (stop.signal.aborted && error === stop.signal.reason) return noProfiles(start)
        throw error
      }
    },
  }
}

/** Problems of an export that the journal keeps. */
const problemsKept = 20

function ofApi(options: AuditOptions): Profiles {
  const { url: host, key, proxy, timeoutMs, lookupRate } = options
  if (host === undefined) throw missing('host_missing', 'url', 'the REST host of your instance')
  if (key === undefined) throw missing('key_missing', 'key', 'a REST API key')
  const url = checkTarget(host, key, proxy)
  const { target = url.origin } = options
  const given = {
    target,
    ...(proxy === undefined ? {} : { proxy }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(lookupRate === undefined ? {} : { lookupRate }),
  }
  const orElse = 'compare with an export on disk: --against'
  return {
    head: { target, url: url.href, limitPerMinute: null, audits: true },
    open: async ({ clock, journal, stop }) => {
      // What reaches the API is loaded once there is something to look up.
      const { Lookups } = await import('./lookup-source.ts')
      return new Lookups({ clock, url, options: { key, ...given }, journal, stop, isRequired: true, orElse })
    },
  }
}

function missing(code: ProblemCode, field: string, expected: string): TrackSyncError {
  const message = `\`${field}\` is missing; expected ${expected}, or an export on disk to compare with.`
  return new TrackSyncError(code, message, { field, expected, came: 'nothing' })
}
