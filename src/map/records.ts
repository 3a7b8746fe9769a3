import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { isKind, type Kind, kinds } from '../model/kind.ts'
import type { Shape } from '../model/plan.ts'
import { problem, sample } from '../model/problem.ts'
import type { Row } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { type Column, columnsFor, kindColumn } from './columns.ts'
import { configuredKind, type DraftFactory, invalidObject, toTrackObject, unknownKind } from './drafts.ts'
import { fromIngestion } from './ingestion.ts'
import type { MapSettings } from './mapping.ts'
import { guessKind, shapeOf } from './shapes.ts'
import { type RecordPart, splitTrackBody } from './track-body.ts'
import { fromExport } from './user-export.ts'
import { writeField } from './write-cell.ts'

/** Bounds the cache of names: a file may have different names in every record. */
const cachedNamesMax = 10_000

/** Maps JSON values to objects according to their shape. */
export class RecordMapper {
  readonly #settings: MapSettings
  readonly #drafts: DraftFactory
  readonly #columns = new Map<Kind | null, Map<string, Column[]>>()

  constructor(settings: MapSettings, drafts: DraftFactory) {
    this.#settings = settings
    this.#drafts = drafts
  }

  /** Adds the objects of a row to a batch, and returns the shape of the row. */
  read(row: Row, value: Json, batch: TrackObject[]): Shape {
    if (!isJsonObject(value)) {
      const message = `The record is ${sample(value)}, not an object.`
      batch.push(
        invalidObject(row, problem('json_shape', message, { expected: 'an object', came: sample(value) })),
      )
      return 'object'
    }
    const shape = shapeOf(value)
    if (shape === 'object') batch.push(this.#object(row, value))
    else if (shape === 'ingestion') batch.push(this.ingestionObject(row, Object.entries(value)))
    else batch.push(...this.#parts(row, value, shape))
    return shape
  }

  /** Maps a row of Cloud Data Ingestion, from CSV or JSON. */
  ingestionObject(row: Row, fields: Iterable<readonly [string, Json]>): TrackObject {
    const mapped = fromIngestion(fields)
    if ('problem' in mapped) return invalidObject(row, mapped.problem)
    const { object } = mapped
    return this.#part(
      row,
      { kind: configuredKind(this.#settings) ?? guessKind(Object.keys(object)), object },
      0,
    )
  }

  #parts(row: Row, value: JsonObject, shape: 'exported' | 'track_body'): TrackObject[] {
    const existingOnly = this.#settings.updateExistingOnly === true
    const parts = shape === 'exported' ? fromExport(value, existingOnly) : splitTrackBody(value)
    if (parts.length > 0) return parts.map((part, i) => this.#part(row, part, parts.length === 1 ? 0 : i + 1))
    const what = shape === 'exported' ? 'response of /users/export/ids' : '/users/track body'
    const expected = shape === 'exported' ? 'users' : kinds.join(', ')
    return [invalidObject(row, problem('json_shape', `The ${what} contains no objects.`, { expected }))]
  }

  #object(row: Row, value: JsonObject): TrackObject {
    const settings = this.#settings
    const names = Object.keys(value)
    const kindField = kindColumn(settings)
    const kindInRecord = kindField === undefined ? undefined : (value[kindField] ?? null)
    const kind = kindInRecord ?? configuredKind(settings) ?? this.#guessKind(names)
    if (kindInRecord === null || !isKind(kind))
      return invalidObject(row, unknownKind(kindField ?? 'kind', kind))
    const draft = this.#drafts.create(kind)
    for (const name of names) {
      const field = value[name] ?? null
      for (const column of this.#columnsFor(name, kind)) writeField(draft, column, field, row, settings)
    }
    return toTrackObject(row, 0, kind, draft)
  }

  /** If a row has several objects, each gets a record of its own that can be resent by itself. */
  #part(row: Row, part: RecordPart, number: number): TrackObject {
    if ('problem' in part) return invalidObject(row, part.problem, number)
    const { kind, object } = part
    const { file, row: place, line } = row
    const leftOut = (part.leftOut ?? []).map(found => ({ ...found, file, row: place, line }))
    const raw = number === 0 ? row.raw : Buffer.from(JSON.stringify({ [kind]: [object] }))
    const { body, ...draft } = this.#drafts.create(kind)
    return toTrackObject(row, number, kind, { ...draft, leftOut, body: { ...body, ...object } }, raw)
  }

  /** Guesses the kind of a record from the fields that its names refer to. */
  #guessKind(names: string[]): Kind {
    const fields: string[] = []
    for (const name of names) for (const { path } of this.#columnsFor(name, null)) fields.push(path[0] ?? '')
    return guessKind(fields)
  }

  #columnsFor(name: string, kind: Kind | null): Column[] {
    const cache = this.#columns.get(kind) ?? new Map<string, Column[]>()
    this.#columns.set(kind, cache)
    const cached = cache.get(name)
    if (cached !== undefined) return cached
    const columns = columnsFor(name, kind, this.#settings)
    if (cache.size < cachedNamesMax) cache.set(name, columns)
    return columns
  }
}
