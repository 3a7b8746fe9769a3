import { Mapper } from '../../src/map/map.ts'
import { type MapSettings, readMapping } from '../../src/map/mapping.ts'
import { TrackSyncError } from '../../src/model/problem.ts'
import { type ColumnFigures, inferredTypes } from '../../src/model/plan.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import type { RowFile } from '../../src/model/row.ts'
import { chunked, collect, openRows } from './parse-read.ts'

/** Settings as tests write them: the mapping may be YAML text. */
export type Settings = Omit<MapSettings, 'mapping'> & { mapping?: string }

export interface Mapped {
  objects: TrackObject[]
  columns: Record<string, ColumnFigures>
}

/** Both passes over a CSV text, as a run makes them: the first infers the types, the second makes the objects. */
export async function mapCsv(text: string, settings: Settings = {}): Promise<Mapped> {
  return await bothPasses(() => openRows('csv', chunked(text, 1000)), settings)
}

/** Both passes over lines of NDJSON, given as values or as text. */
export async function mapNdjson(lines: unknown[], settings: Settings = {}): Promise<Mapped> {
  const text = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  return await bothPasses(() => openRows('ndjson', chunked(text, 1000)), settings)
}

/** The bodies of all objects; there must be no problem in any of them. */
export function bodies({ objects }: Mapped): TrackObject['body'][] {
  const problems = objects.flatMap(object => object.problems)
  if (problems.length > 0) throw new Error(`unexpected: ${problems.map(({ message }) => message).join(' ')}`)
  return objects.map(({ body }) => body)
}

/** The error that ends a run. */
export async function refusal(run: () => unknown): Promise<TrackSyncError> {
  try {
    await run()
  } catch (error) {
    if (error instanceof TrackSyncError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

type Open = () => Promise<RowFile>

async function bothPasses(open: Open, { mapping, ...rest }: Settings): Promise<Mapped> {
  const settings: MapSettings =
    mapping === undefined ? rest : { ...rest, mapping: readMapping(mapping, 'mapping.yaml') }
  const planning = new Mapper(settings, null)
  await collect(planning.map(await open()))
  const columns = planning.columns()
  return { objects: await collect(new Mapper(settings, inferredTypes(columns)).map(await open())), columns }
}
