import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import { HotUsers } from '../forecast/hot-users.ts'
import { Forecast } from '../forecast/totals.ts'
import type { RunEntry } from '../journal/entry.ts'
import { Mapper } from '../map/map.ts'
import { perMinute } from '../model/exchange.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Plan, PlanFile } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { defaults, type PlanOptions } from '../options.ts'
import { openOnDisk } from '../parse/open.ts'
import { parse } from '../parse/parse.ts'
import type { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import type { Source } from '../parse/source.ts'
import { check } from '../validate/check-object.ts'

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

/** Reads everything and forecasts what a run will do. Once the signal is aborted it throws the signal's reason. */
export async function survey(
  sources: readonly FingerprintedSource[],
  options: PlanOptions,
  now: number,
  signal?: AbortSignal,
): Promise<Plan> {
  const mapper = new Mapper(options, null)
  const forecast = new Forecast(now, found => mapper.columnOf(found), readingsOf(options))
  const hotUsers = new HotUsers()
  const files: PlanFile[] = []
  for (const source of sources) {
    const { headerRaw: header, objects, ...file } = await read(source, options, mapper)
    let rows = 0
    for await (const batch of objects) {
      signal?.throwIfAborted()
      forecast.add(batch)
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
  return { files, ...figures, busiest: hotUsers.figures() }
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
