import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { isKind, type Kind, kinds } from '../model/kind.ts'
import type { Shape } from '../model/plan.ts'
import { problem, sample } from '../model/problem.ts'
import type { Row } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { type Column, columnsFor, kindColumn } from './columns.ts'
import { type Drafts, finished, saidKind, unreadable, wrongKind } from './draft.ts'
import { fromExport } from './exported.ts'
import { fromIngestion } from './ingestion.ts'
import type { MapSettings } from './mapping.ts'
import { kindOfFields, shapeOf } from './shapes.ts'
import { type Part, splitTrackBody } from './track-body.ts'
import { writeField } from './write-cell.ts'

/** Names are remembered up to here; a file that makes up a new one on every line is not let grow. */
const namesMax = 10_000

/** JSON values to objects, each by its shape. */
export class Records {
  readonly #settings: MapSettings
  readonly #drafts: Drafts
  readonly #columns = new Map<Kind | null, Map<string, Column[]>>()

  constructor(settings: MapSettings, drafts: Drafts) {
    this.#settings = settings
    this.#drafts = drafts
  }

  /** Puts the objects of a row into a batch, and says what shape the row had. */
  read(row: Row, value: Json, batch: TrackObject[]): Shape {
    if (!isJsonObject(value)) {
      const message = `The record is ${sample(value)}, not an object.`
      batch.push(
        unreadable(row, problem('json_shape', message, { expected: 'an object', came: sample(value) })),
      )
      return 'object'
    }
    const shape = shapeOf(value)
    if (shape === 'object') batch.push(this.#object(row, value))
    else if (shape === 'ingestion') batch.push(this.ingested(row, Object.entries(value)))
    else batch.push(...this.#parts(row, value, shape))
    return shape
  }

  /** A row of Cloud Data Ingestion, of a table or of JSON. */
  ingested(row: Row, fields: Iterable<readonly [string, Json]>): TrackObject {
    const found = fromIngestion(fields)
    if ('problem' in found) return unreadable(row, found.problem)
    const { object } = found
    return this.#part(row, { kind: saidKind(this.#settings) ?? kindOfFields(Object.keys(object)), object }, 0)
  }

  #parts(row: Row, value: JsonObject, shape: 'exported' | 'track_body'): TrackObject[] {
    const existingOnly = this.#settings.updateExistingOnly === true
    const parts = shape === 'exported' ? fromExport(value, existingOnly) : splitTrackBody(value)
    if (parts.length > 0) return parts.map((part, i) => this.#part(row, part, parts.length === 1 ? 0 : i + 1))
    const what = shape === 'exported' ? 'response of /users/export/ids' : '/users/track body'
    const expected = shape === 'exported' ? 'users' : kinds.join(', ')
    return [unreadable(row, problem('json_shape', `The ${what} contains no objects.`, { expected }))]
  }

  #object(row: Row, value: JsonObject): TrackObject {
    const settings = this.#settings
    const names = Object.keys(value)
    const kindField = kindColumn(settings)
    const said = kindField === undefined ? undefined : (value[kindField] ?? null)
    const kind = said ?? saidKind(settings) ?? this.#kindOf(names)
    if (said === null || !isKind(kind)) return unreadable(row, wrongKind(kindField ?? 'kind', kind))
    const draft = this.#drafts.start(kind)
    for (const name of names) {
      const field = value[name] ?? null
      for (const column of this.#columnsFor(name, kind)) writeField(draft, column, field, row, settings)
    }
    return finished(row, 0, kind, draft)
  }

  /** One of several objects of a row gets a record of its own, so that it can be fed back in alone. */
  #part(row: Row, part: Part, number: number): TrackObject {
    if ('problem' in part) return unreadable(row, part.problem, number)
    const { kind, object } = part
    const { file, row: place, line } = row
    const leftOut = (part.leftOut ?? []).map(found => ({ ...found, file, row: place, line }))
    const raw = number === 0 ? row.raw : Buffer.from(JSON.stringify({ [kind]: [object] }))
    const { body, ...draft } = this.#drafts.start(kind)
    return finished(row, number, kind, { ...draft, leftOut, body: { ...body, ...object } }, raw)
  }

  /** The kind of a record that does not say it, by the fields that its names lead to. */
  #kindOf(names: string[]): Kind {
    const fields: string[] = []
    for (const name of names) for (const { path } of this.#columnsFor(name, null)) fields.push(path[0] ?? '')
    return kindOfFields(fields)
  }

  #columnsFor(name: string, kind: Kind | null): Column[] {
    const ofKind = this.#columns.get(kind) ?? new Map<string, Column[]>()
    this.#columns.set(kind, ofKind)
    const known = ofKind.get(name)
    if (known !== undefined) return known
    const columns = columnsFor(name, kind, this.#settings)
    if (ofKind.size < namesMax) ofKind.set(name, columns)
    return columns
  }
}
