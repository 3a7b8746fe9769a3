import { isKind, type Kind, kinds } from '../model/fields.ts'
import { userKeyOf } from '../model/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { ColumnFigures, InferredType } from '../model/plan.ts'
import type { Place } from '../model/place.ts'
import type { Header, Row, RowFile } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { checkHeader } from './check-header.ts'
import { type Column, columnsFor, constantsOf, kindColumn } from './columns.ts'
import { ColumnInference } from './infer.ts'
import type { MapSettings } from './mapping.ts'
import { type Drafted, isBlank, setPath, writeCell, writeField } from './record.ts'
import { isTrackBody, kindOfFields, splitTrackBody } from './shapes.ts'

/** Column to type, as the planning pass found it. */
export type InferredTypes = Record<string, InferredType>

/** What one record becomes, before it has its number in the run. */
type Mapped = Omit<TrackObject, 'seq'>
type RowReader = (row: Row, cells: string[]) => Mapped

/**
 * Rows to track objects, one file after the other. In the planning pass it watches the columns and takes every
 * undeclared cell for text; with the types that pass found, it makes the objects that are sent.
 */
export class Mapper {
  readonly #settings: MapSettings
  readonly #types: InferredTypes | null
  readonly #columns = new Map<string, ColumnInference>()
  readonly #fillers = new Map<string, Map<string, string>>()
  readonly #plans = new Map<string, Column[]>()
  #seq = 0

  constructor(settings: MapSettings, types: InferredTypes | null) {
    this.#settings = settings
    this.#types = types
  }

  /** The track objects of a file, in its order, in batches. Refuses a file whose columns cannot make objects. */
  async *map(file: RowFile): AsyncGenerator<TrackObject[]> {
    const read = file.header === null ? null : this.#rowReader(file.file, file.header)
    for await (const rows of file.batches) {
      yield rows.flatMap(row => this.#objects(row, read).map(object => ({ seq: this.#seq++, ...object })))
    }
  }

  /** What was found in each column; complete once all files went by. */
  columns(): Record<string, ColumnFigures> {
    return Object.fromEntries([...this.#columns].map(([name, column]) => [name, column.result()]))
  }

  /** The column of a CSV file that a problem is about: the one its cell stood in, or that fills its field. */
  columnOf({ code, file = '', field = '' }: Problem): string | undefined {
    const fillers = this.#fillers.get(file)
    if (fillers === undefined || code === 'cell_type') return fillers && field
    // A problem inside an object is one of the column that fills the object.
    for (let path = field; ; path = path.slice(0, path.lastIndexOf('.'))) {
      const column = fillers.get(path)
      if (column !== undefined || !path.includes('.')) return column
    }
  }

  #objects(row: Row, read: RowReader | null): Mapped[] {
    const { content } = row
    if ('problem' in content) return [unreadable(row, [content.problem])]
    if ('cells' in content) return read === null ? [] : [read(row, content.cells)]
    const { value } = content
    if (!isJsonObject(value)) {
      const message = `The record is ${sample(value)}, not an object.`
      return [
        unreadable(row, [problem('json_shape', message, { expected: 'an object', came: sample(value) })]),
      ]
    }
    return isTrackBody(value) ? this.#parts(row, value) : [this.#jsonObject(row, value)]
  }

  #rowReader(file: string, header: Header): RowReader {
    const settings = this.#settings
    const kindAt = header.indexOf(kindColumn(settings) ?? '')
    const kind = kindAt >= 0 ? null : (fixedKind(settings) ?? kindOfFields(this.#fieldNames(header)))
    const planned = header.map(name => columnsFor(name, kind, settings))
    checkHeader(file, header, planned.flat(), kind, settings)
    const plans = new Map<Kind, Column[][]>()
    const figures = this.#types === null ? header.map((name, i) => this.#watch(name, planned[i])) : []
    if (this.#types === null) this.#fillers.set(file, fillersOf(planned.flat(), header[kindAt]))
    const types = header.map(name => this.#types?.[name] ?? 'string')

    return (row, cells) => {
      const own = kindAt < 0 ? kind : (cells[kindAt] ?? '').trim()
      if (!isKind(own)) return unreadable(row, [wrongKind(header[kindAt] ?? '', own)])
      const columns = plans.get(own) ?? header.map(name => columnsFor(name, own, settings))
      plans.set(own, columns)
      const draft = this.#draft(own)
      for (const [i, targets] of columns.entries()) {
        const cell = cells[i] ?? ''
        const seen = figures[i]
        if (seen !== undefined) {
          const type = targets.at(-1)?.type
          if (isBlank(cell) || cell === settings.nullToken) seen.seeEmpty()
          else if (type === null) seen.see(cell, row.line)
          else seen.seeDeclared(type ?? 'ignored')
        }
        for (const column of targets) writeCell(draft, column, cell, row, settings, types[i] ?? 'string')
      }
      return mapped(row, 0, own, draft, row.raw)
    }
  }

  #jsonObject(row: Row, value: JsonObject): Mapped {
    const kindField = kindColumn(this.#settings)
    const said = kindField === undefined ? undefined : (value[kindField] ?? null)
    const kind = said ?? fixedKind(this.#settings) ?? kindOfFields(this.#fieldNames(Object.keys(value)))
    if (said === null || !isKind(kind)) return unreadable(row, [wrongKind(kindField ?? 'kind', kind)])
    const draft = this.#draft(kind)
    for (const [name, field] of Object.entries(value)) {
      for (const column of this.#plan(name, kind)) writeField(draft, column, field, row, this.#settings)
    }
    return mapped(row, 0, kind, draft, row.raw)
  }

  #parts(row: Row, body: JsonObject): Mapped[] {
    const parts = splitTrackBody(body)
    if (parts.length === 0) {
      const message = 'The /users/track body holds no objects.'
      return [unreadable(row, [problem('json_shape', message, { expected: kinds.join(', ') })])]
    }
    return parts.map((part, i) => {
      const number = parts.length === 1 ? 0 : i + 1
      if ('problem' in part) return { ...unreadable(row, [part.problem]), part: number }
      const raw = parts.length === 1 ? row.raw : Buffer.from(JSON.stringify({ [part.kind]: [part.object] }))
      const draft = this.#draft(part.kind)
      return mapped(row, number, part.kind, { ...draft, body: { ...draft.body, ...part.object } }, raw)
    })
  }

  #plan(name: string, kind: Kind): Column[] {
    const key = JSON.stringify([kind, name])
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    const columns = columnsFor(name, kind, this.#settings)
    if (this.#plans.size < 10_000) this.#plans.set(key, columns)
    return columns
  }

  /** The field names that columns lead to, for telling the kind. */
  #fieldNames(names: readonly string[]): string[] {
    return names.flatMap(name => columnsFor(name, null, this.#settings).map(({ path }) => path[0] ?? ''))
  }

  #draft(kind: Kind): Drafted {
    const body: JsonObject = {}
    if (this.#settings.updateExistingOnly === true) body['_update_existing_only'] = true
    for (const { path, value } of constantsOf(this.#settings, kind)) {
      // A copy, because fields of this one record may be written into it.
      setPath(body, path, isJsonObject(value) ? structuredClone(value) : value)
    }
    return { body, problems: [], leftOut: [] }
  }

  #watch(name: string, targets: Column[] = []): ColumnInference {
    const declared = name === kindColumn(this.#settings) ? 'kind' : 'ignored'
    const type = targets.length === 0 ? declared : (targets.at(-1)?.type ?? null)
    const column = this.#columns.get(name) ?? new ColumnInference(type)
    this.#columns.set(name, column)
    return column
  }
}

/** Field to column; the one that says the kind goes by its own name. */
function fillersOf(columns: Column[], kindHeader: string | undefined): Map<string, string> {
  const fillers = new Map(columns.map(({ path, header }) => [path.join('.'), header]))
  return kindHeader === undefined || fillers.has(kindHeader) ? fillers : fillers.set(kindHeader, kindHeader)
}

function fixedKind({ kind, mapping }: MapSettings): Kind | undefined {
  return kind ?? (isKind(mapping?.kind) ? mapping.kind : undefined)
}

function mapped(place: Place, part: number, kind: Kind, draft: Drafted, raw: Uint8Array): Mapped {
  const { file, row, line } = place
  return { file, row, line, part, kind, user: userKeyOf(draft.body), raw, ...draft }
}

function unreadable(row: Row, problems: Problem[]): Mapped {
  const { file, line, raw } = row
  return { file, row: row.row, line, part: 0, kind: null, user: '', body: {}, raw, problems, leftOut: [] }
}

function wrongKind(column: string, came: Json): Problem {
  const message = `\`${column}\` should be ${kinds.join(', ')}; it is ${sample(came)}.`
  return problem('field_value', message, { field: column, expected: kinds.join(', '), came: sample(came) })
}
