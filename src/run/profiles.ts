import { checkTarget } from '../deliver/host.ts'
import type { ProfileSource } from '../model/observation.ts'
import { type ProblemCode, TrackSyncError } from '../model/problem.ts'
import type { AuditOptions } from '../options.ts'
import type { Head } from './begin.ts'
import type { Start } from './stages.ts'

/** The profiles that an audit compares with. */
export interface Profiles {
  /** What the first line of the journal says of them. */
  head: Head
  open: (start: Start) => Promise<ProfileSource & { /** Those made so far. */ requests?: number }>
}

/** Those of the API, or those of an export on disk. */
export function profilesFor(options: AuditOptions): Profiles {
  return options.against === undefined ? ofApi(options) : ofExport(options.against)
}

function ofExport(paths: readonly string[]): Profiles {
  return {
    head: { target: paths.join(', '), url: '', limitPerMinute: null, audits: true },
    open: async ({ folder, stop }) => {
      const { openExport } = await import('./open-export.ts')
      return await openExport(paths, folder, stop.signal)
    },
  }
}

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
  return {
    head: { target, url: url.href, limitPerMinute: null, audits: true },
    open: async ({ clock, journal, stop }) => {
      // What reaches the API is loaded once there is something to look up.
      const { Lookups } = await import('./lookup-source.ts')
      return new Lookups({ clock, url, options: { key, ...given }, journal, stop, isRequired: true })
    },
  }
}

function missing(code: ProblemCode, field: string, expected: string): TrackSyncError {
  const message = `\`${field}\` is missing; expected ${expected}, or an export on disk to compare with.`
  return new TrackSyncError(code, message, { field, expected, came: 'nothing' })
}
