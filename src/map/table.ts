import { isKind, type Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { Header, Row } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { checkHeader, isNamelessIgnored } from './check-header.ts'
import type { ColumnType } from './column-types.ts'
import { type Column, kindColumn } from './columns.ts'
import { type Drafted, type Drafts, finished, saidKind, unreadable, wrongKind } from './draft.ts'
import type { ColumnInference, InferredTypes } from './infer.ts'
import type { MapSettings } from './mapping.ts'
import { fieldNames, kindOfFields } from './shapes.ts'
import { asGroups, tableColumns } from './table-columns.ts'
import { isBlank, unfit, writeCell } from './write-cell.ts'

/** What a table needs of the run it belongs to. */
export interface TableContext {
  settings: MapSettings
  drafts: Drafts
  /** The types that planning found; null while it is still looking. */
  types: InferredTypes | null
  /** What looks at the cells of a column, over all files; `declared` is its type, null where nobody gave it one. */
  watch: (name: string, declared: string | null) => ColumnInference
}

/** One CSV file: how its columns fill objects. Refuses a file whose columns cannot make any. */
export class Table {
  readonly #header: Header
  readonly #context: TableContext
  /** Null where each row says its own, in the column at `#kindAt`. */
  readonly #kind: Kind | null
  readonly #kindAt: number
  readonly #types: ColumnType[]
  readonly #watched: (ColumnInference | undefined)[]
  readonly #plans = new Map<Kind, Column[][]>()
  readonly #columns: Column[]
  /** Field to the column that fills it; the one that says the kind goes by its own name. */
  readonly #fillers: Map<string, string>
  /** Columns without a name, whose cells must be empty. */
  readonly #nameless: number[]

  constructor(file: string, header: Header, context: TableContext) {
    const { settings, types } = context
    this.#header = header
    this.#context = context
    const kindName = kindColumn(settings)
    this.#kindAt = kindName === undefined ? -1 : header.indexOf(kindName)
    this.#kind = this.#kindAt >= 0 ? null : (saidKind(settings) ?? kindOfFields(fieldNames(header, settings)))
    const planned = tableColumns(header, this.#kind, settings)
    this.#columns = planned.flat()
    checkHeader(file, header, this.#columns, this.#kind, settings)
    this.#fillers = new Map(kindName === undefined ? [] : [[kindName, kindName]])
    for (const { path, header: name } of this.#columns) this.#fillers.set(path.join('.'), name)
    this.#nameless = isNamelessIgnored(settings) ? [] : header.flatMap((name, i) => (name === '' ? [i] : []))
    this.#types = header.map(name => types?.[name] ?? 'string')
    this.#watched = types === null ? header.map((name, i) => this.#watch(name, i, planned[i])) : []
  }

  read(row: Row, cells: string[]): TrackObject {
    const kind = this.#kind ?? (cells[this.#kindAt] ?? '').trim()
    if (!isKind(kind)) return unreadable(row, wrongKind(this.#header[this.#kindAt] ?? '', kind))
    const { settings, drafts } = this.#context
    const plan = this.#planOf(kind)
    const draft = drafts.start(kind)
    const ofEvents: { column: Column; cell: string; type: ColumnType }[] = []
    for (let i = 0; i < plan.length; i++) {
      const cell = cells[i] ?? ''
      const targets = plan[i] ?? []
      const seen = this.#watched[i]
      if (seen !== undefined) look(seen, cell, targets, row, settings)
      const type = this.#types[i] ?? 'string'
      for (const column of targets) {
        if (column.event === undefined) writeCell(draft, column, cell, row, settings, type)
        else if (!isBlank(cell)) ofEvents.push({ column, cell, type })
      }
    }
    for (const i of this.#nameless)
      if (!isBlank(cells[i] ?? '')) draft.problems.push(unnamed(i, cells[i] ?? ''))
    for (const { column, cell, type } of ofEvents) {
      if (draft.body['name'] === column.event) writeCell(draft, column, cell, row, settings, type)
      else misplaced(draft, column, cell, row, settings)
    }
    asGroups(draft.body, this.#columns)
    return finished(row, 0, kind, draft)
  }

  /** The column that a problem is about: the one its cell stood in, or that fills its field. */
  columnOf({ code, field = '' }: Problem): string | undefined {
    if (code === 'cell_type' || code === 'cell_misplaced') return field
    // A problem inside an object is one of the column that fills the object.
    for (let path = field; ; path = path.slice(0, path.lastIndexOf('.'))) {
      const column = this.#fillers.get(path)
      if (column !== undefined || !path.includes('.')) return column
    }
  }

  #watch(name: string, i: number, targets: Column[] = []): ColumnInference | undefined {
    if (name === '') return undefined
    const leftOut = i === this.#kindAt ? 'kind' : 'ignored'
    const declared = targets.length === 0 ? leftOut : (targets.at(-1)?.type ?? null)
    return this.#context.watch(name, declared)
  }

  #planOf(kind: Kind): Column[][] {
    const known = this.#plans.get(kind)
    if (known !== undefined) return known
    const plan = tableColumns(this.#header, kind, this.#context.settings)
    this.#plans.set(kind, plan)
    return plan
  }
}

function look(
  seen: ColumnInference,
  cell: string,
  targets: Column[],
  { line }: Row,
  { nullToken }: MapSettings,
): void {
  const type = targets.at(-1)?.type
  if (isBlank(cell) || cell === nullToken) seen.seeEmpty()
  else if (type === null) seen.see(cell, line)
  else seen.seeDeclared(type ?? 'ignored')
}

function unnamed(i: number, cell: string): Problem {
  const message = `Column ${i + 1} has no name, but a cell that is not empty: ${sample(cell)}.`
  return problem('csv_cells', message, { expected: 'an empty cell', came: sample(cell) })
}

function misplaced(draft: Drafted, column: Column, cell: string, row: Row, settings: MapSettings): void {
  const { header, event = '' } = column
  const name = sample(draft.body['name'])
  const message = `\`${header}\` belongs to the event ${sample(event)}, but the event of the row is ${name}.`
  const more = { field: header, expected: `an empty cell`, came: sample(cell) }
  unfit(draft, settings, 'cell_misplaced', message, row, more)
}
