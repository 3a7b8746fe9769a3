import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import { HotUsers } from '../forecast/hot-users.ts'
import { LookupForecast } from '../forecast/lookup-forecast.ts'
import { Forecast } from '../forecast/totals.ts'
import type { RunEntry } from '../journal/entry.ts'
import { lookDelays } from '../lookup/due.ts'
import { defaultFillMs } from '../lookup/waiting.ts'
import { Mapper } from '../map/map.ts'
import { perMinute } from '../model/exchange.ts'
import { nextSteps } from '../model/next-command.ts'
import type { LookupPurpose, Plan, PlanFile, PlannedLookups } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { type AuditOptions, defaults, type ImportOptions, type PlanOptions } from '../options.ts'
import { openOnDisk } from '../parse/open.ts'
import { parse } from '../parse/parse.ts'
import type { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import type { Source } from '../parse/source.ts'
import { check } from '../validate/check-object.ts'
import { looksKept } from './recent-looks.ts'

/** The upper river: bytes → rows → track objects → checked track objects, in input order. */
export async function read(source: Source, options: PlanOptions, mapper: Mapper) {
  const file = await parse(source.name, source.chunks(), options)
  async function* objects(): AsyncGenerator<TrackObject[]> {
    try {
      for await (const batch of mapper.map(file)) yield batch.map(check)
    } finally {
      await file.close()
    }
  }
  return { ...file, objects: objects() }
}

/** The objects of all sources, one source after the other. */
export async function* readAll(
  sources: readonly Source[],
  options: PlanOptions,
  mapper: Mapper,
): AsyncGenerator<TrackObject[]> {
  for (const source of sources) yield* (await read(source, options, mapper)).objects
}

/** What a plan is for: an import, or an audit, which sends nothing. */
type SurveyOptions = PlanOptions & Pick<ImportOptions, 'readAhead'> & Pick<AuditOptions, 'against'>

/**
 * Reads everything and forecasts what a run will do; `audits` if it only compares. Once the signal is aborted it throws
 * the signal's reason.
 */
export async function survey(
  sources: readonly FingerprintedSource[],
  options: SurveyOptions,
  now: number,
  signal?: AbortSignal,
  audits = false,
): Promise<Plan> {
  const mapper = new Mapper(options, null)
  const forecast = new Forecast(now, found => mapper.columnOf(found), readingsOf(options))
  const hotUsers = new HotUsers()
  const lookups = lookupForecast(options, audits)
  const files: PlanFile[] = []
  for (const source of sources) {
    const { headerRaw: header, objects, ...file } = await read(source, options, mapper)
    let rows = 0
    for await (const batch of objects) {
      signal?.throwIfAborted()
      forecast.add(batch)
      lookups.add(batch)
      for (const object of batch) if (object.problems.length === 0) hotUsers.add(object)
      rows = batch.at(-1)?.row ?? rows
    }
    const { format, encoding, delimiter, packing } = file
    files.push({
      ...(await source.fingerprint()),
      format,
      encoding,
      delimiter,
      packing,
      rows,
      shapes: mapper.shapesOf(source.name),
      header,
    })
  }
  const figures = forecast.figures(perMinute(options.rate ?? defaults.rate), mapper.columns())
  const nothingSent = audits ? { requests: 0, minutes: 0, dataPoints: 0 } : {}
  const plan = { files, ...figures, ...nothingSent, busiest: hotUsers.figures() }
  return { ...plan, lookups: withProfiles(lookups.figures(), options.against) }
}

function lookupForecast(options: SurveyOptions, audits: boolean): LookupForecast {
  const { rate, lookupRate, readAhead, verify, snapshot } = { ...defaults, ...options }
  const purposes: LookupPurpose[] = [
    ...(verify === 'profile' ? (['verify'] as const) : []),
    ...(snapshot ? (['snapshot'] as const) : []),
  ]
  return new LookupForecast({
    purposes: audits ? ['audit'] : purposes,
    togetherWithin: audits ? looksKept : readAhead,
    perMinute: perMinute(rate),
    lookupsPerMinute: perMinute(lookupRate),
    fillMs: defaultFillMs,
    firstLookMs: lookDelays[0] ?? 0,
  })
}

/** Profiles on disk cost no requests. */
function withProfiles(lookups: PlannedLookups, against: AuditOptions['against']): PlannedLookups {
  return against === undefined ? lookups : { ...lookups, requests: 0, minutes: 0 }
}

/** The readings that options, or the settings of a journal, ask for. */
export function readingsOf({ readings }: { readings?: unknown }): Readings {
  return { ...defaultReadings, ...(readings as Partial<Readings> | undefined) }
}

/** The mapping file and its fingerprint, so that a resume can see whether it has changed. */
export async function mappingFile(path: string | undefined): Promise<RunEntry['mapping']> {
  if (path === undefined) return null
  const { sha256 } = await (await openOnDisk(path)).fingerprint()
  return { path, sha256 }
}

/** A plan that was made before holds for the very bytes it was made of. */
export async function checkPlan(plan: Plan, sources: readonly FingerprintedSource[]): Promise<Plan> {
  if (plan.files.length !== sources.length) {
    const message = `The plan covers ${plan.files.length} files, but ${sources.length} were given.`
    throw new TrackSyncError('file_changed', message, {
      field: 'plan',
      expected: 'a plan of the same files',
      came: `a plan of ${plan.files.length} files`,
      next: 'Make a new plan of these files.',
    })
  }
  for (const [i, source] of sources.entries()) {
    const { sha256 } = await source.fingerprint()
    if (sha256 === plan.files[i]?.sha256) continue
    throw new TrackSyncError('file_changed', `${source.name} has changed since it was planned.`, {
      file: source.name,
      expected: plan.files[i]?.path ?? 'no file',
      next: nextSteps.again('Wait until nothing is writing to it, then start again with a new plan.'),
    })
  }
  return plan
}
