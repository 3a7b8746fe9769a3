import { isKind, type Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { Header, Row } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { checkHeader, isNamelessIgnored } from './check-header.ts'
import type { ColumnType } from './column-types.ts'
import { type Column, kindColumn } from './columns.ts'
import {
  configuredKind,
  type Draft,
  type DraftFactory,
  invalidObject,
  toTrackObject,
  unknownKind,
} from './drafts.ts'
import type { ColumnInference, InferredTypes } from './infer.ts'
import type { MapSettings } from './mapping.ts'
import { fieldNames, guessKind } from './shapes.ts'
import { tableColumns, wrapSubscriptionGroup } from './table-columns.ts'
import { isBlank, reportCell, writeCell } from './write-cell.ts'

/** What a table shares with the other files of the run. */
export interface TableContext {
  settings: MapSettings
  drafts: DraftFactory
  /** The inferred types; null in the planning pass. */
  types: InferredTypes | null
  /** Returns the inference of a column, which spans all files; `declared` is its declared type or null. */
  inferenceOf: (name: string, declared: string | null) => ColumnInference
}

/** Maps the rows of a CSV file. Throws if its columns cannot make objects. */
export class Table {
  readonly #header: Header
  readonly #context: TableContext
  /** Null if each row has its own kind, in the column at `#kindAt`. */
  readonly #kind: Kind | null
  readonly #kindAt: number
  readonly #types: ColumnType[]
  readonly #inferences: (ColumnInference | undefined)[]
  readonly #targetsByKind = new Map<Kind, Column[][]>()
  readonly #columns: Column[]
  /** The column that fills each field; the column of the kind is under its own name. */
  readonly #columnByField: Map<string, string>
  /** Indexes of columns without a name; their cells must be empty. */
  readonly #nameless: number[]

  constructor(file: string, header: Header, context: TableContext) {
    const { settings, types } = context
    this.#header = header
    this.#context = context
    const kindName = kindColumn(settings)
    this.#kindAt = kindName === undefined ? -1 : header.indexOf(kindName)
    this.#kind =
      this.#kindAt >= 0 ? null : (configuredKind(settings) ?? guessKind(fieldNames(header, settings)))
    const targets = tableColumns(header, this.#kind, settings)
    this.#columns = targets.flat()
    checkHeader(file, header, this.#columns, this.#kind, settings)
    this.#columnByField = new Map(kindName === undefined ? [] : [[kindName, kindName]])
    for (const { path, header: name } of this.#columns) this.#columnByField.set(path.join('.'), name)
    this.#nameless = isNamelessIgnored(settings) ? [] : header.flatMap((name, i) => (name === '' ? [i] : []))
    this.#types = header.map(name => types?.[name] ?? 'string')
    this.#inferences = types === null ? header.map((name, i) => this.#inferenceAt(name, i, targets[i])) : []
  }

  read(row: Row, cells: string[]): TrackObject {
    const kind = this.#kind ?? (cells[this.#kindAt] ?? '').trim()
    if (!isKind(kind)) return invalidObject(row, unknownKind(this.#header[this.#kindAt] ?? '', kind))
    const { settings, drafts } = this.#context
    const targetsByColumn = this.#targetsOf(kind)
    const draft = drafts.create(kind)
    const eventCells: { column: Column; cell: string; type: ColumnType }[] = []
    for (let i = 0; i < targetsByColumn.length; i++) {
      const cell = cells[i] ?? ''
      const targets = targetsByColumn[i] ?? []
      const inference = this.#inferences[i]
      if (inference !== undefined) observe(inference, cell, targets, row, settings)
      const type = this.#types[i] ?? 'string'
      for (const column of targets) {
        if (column.event === undefined) writeCell(draft, column, cell, row, settings, type)
        else if (!isBlank(cell)) eventCells.push({ column, cell, type })
      }
    }
    for (const i of this.#nameless)
      if (!isBlank(cells[i] ?? '')) draft.problems.push(cellWithoutColumn(i, cells[i] ?? ''))
    for (const { column, cell, type } of eventCells) {
      if (draft.body['name'] === column.event) writeCell(draft, column, cell, row, settings, type)
      else reportWrongEvent(draft, column, cell, row, settings)
    }
    wrapSubscriptionGroup(draft.body, this.#columns)
    return toTrackObject(row, 0, kind, draft)
  }

  /** The column that caused a problem: the one of its cell, or the one that fills its field. */
  columnOf({ code, field = '' }: Problem): string | undefined {
    if (code === 'cell_type' || code === 'cell_misplaced') return field
    // A problem inside an object is attributed to the column that fills the object.
    for (let path = field; ; path = path.slice(0, path.lastIndexOf('.'))) {
      const column = this.#columnByField.get(path)
      if (column !== undefined || !path.includes('.')) return column
    }
  }

  #inferenceAt(name: string, i: number, targets: Column[] = []): ColumnInference | undefined {
    if (name === '') return undefined
    const leftOut = i === this.#kindAt ? 'kind' : 'ignored'
    const declared = targets.length === 0 ? leftOut : (targets.at(-1)?.type ?? null)
    return this.#context.inferenceOf(name, declared)
  }

  #targetsOf(kind: Kind): Column[][] {
    const cached = this.#targetsByKind.get(kind)
    if (cached !== undefined) return cached
    const targets = tableColumns(this.#header, kind, this.#context.settings)
    this.#targetsByKind.set(kind, targets)
    return targets
  }
}

function observe(
  inference: ColumnInference,
  cell: string,
  targets: Column[],
  { line }: Row,
  { nullToken }: MapSettings,
): void {
  const type = targets.at(-1)?.type
  if (isBlank(cell) || cell === nullToken) inference.addEmpty()
  else if (type === null) inference.add(cell, line)
  else inference.addDeclared(type ?? 'ignored')
}

function cellWithoutColumn(i: number, cell: string): Problem {
  const message = `Column ${i + 1} has no name, but a cell that is not empty: ${sample(cell)}.`
  return problem('csv_cells', message, { expected: 'an empty cell', came: sample(cell) })
}

function reportWrongEvent(draft: Draft, column: Column, cell: string, row: Row, settings: MapSettings): void {
  const { header, event = '' } = column
  const name = sample(draft.body['name'])
  const message = `\`${header}\` belongs to the event ${sample(event)}, but the event of the row is ${name}.`
  const details = { field: header, expected: `an empty cell`, came: sample(cell) }
  reportCell(draft, settings, 'cell_misplaced', message, row, details)
}
