import type { ColumnFigures, PlanFile, Shape } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { Drafts, unreadable } from './draft.ts'
import { ColumnInference, type InferredTypes } from './infer.ts'
import { isIngestion } from './ingestion.ts'
import type { MapSettings } from './mapping.ts'
import { Records } from './records.ts'
import { Table } from './table.ts'

/** Puts the objects of a row into a batch, and says what shape the row had. */
type Read = (row: Row, batch: TrackObject[]) => Shape

/**
 * Rows to track objects, one file after the other. In the planning pass it watches the columns and takes every
 * undeclared cell for text; with the types that pass found, it makes the objects that are sent.
 */
export class Mapper {
  readonly #settings: MapSettings
  readonly #types: InferredTypes | null
  readonly #drafts: Drafts
  readonly #records: Records
  readonly #columns = new Map<string, ColumnInference>()
  readonly #tables = new Map<string, Table>()
  readonly #shapes = new Map<string, PlanFile['shapes']>()
  #seq = 0

  constructor(settings: MapSettings, types: InferredTypes | null) {
    this.#settings = settings
    this.#types = types
    this.#drafts = new Drafts(settings)
    this.#records = new Records(settings, this.#drafts)
  }

  /** The track objects of a file, in its order, in batches. Refuses a file whose columns cannot make objects. */
  async *map(file: RowFile): AsyncGenerator<TrackObject[]> {
    const read = this.#reader(file)
    const shapes: PlanFile['shapes'] = {}
    this.#shapes.set(file.file, shapes)
    for await (const rows of file.batches) {
      const batch: TrackObject[] = []
      for (const row of rows) {
        const shape = read(row, batch)
        if (shape !== 'object') shapes[shape] = (shapes[shape] ?? 0) + 1
      }
      for (const object of batch) object.seq = this.#seq++
      yield batch
    }
  }

  /** What was found in each column; complete once all files went by. */
  columns(): Record<string, ColumnFigures> {
    return Object.fromEntries([...this.#columns].map(([name, column]) => [name, column.result()]))
  }

  /** What the rows of a file held, apart from plain objects. */
  shapesOf(file: string): PlanFile['shapes'] {
    return this.#shapes.get(file) ?? {}
  }

  /** The column of a CSV file that a problem is about. */
  columnOf(found: Problem): string | undefined {
    return this.#tables.get(found.file ?? '')?.columnOf(found)
  }

  #reader({ file, header }: RowFile): Read {
    const ofCells = header === null ? undefined : this.#cellReader(file, header)
    return (row, batch) => {
      const { content } = row
      if ('value' in content) return this.#records.read(row, content.value, batch)
      if ('cells' in content && ofCells !== undefined) return ofCells(row, content.cells, batch)
      if ('problem' in content) batch.push(unreadable(row, content.problem))
      return 'object'
    }
  }

  #cellReader(file: string, header: string[]): (row: Row, cells: string[], batch: TrackObject[]) => Shape {
    const { id, mapping } = this.#settings
    // Whoever says what the columns are is taken at that.
    if (id === undefined && mapping?.columns === undefined && isIngestion(header)) {
      return (row, cells, batch) => {
        const fields = header.map((name, i) => [name, cells[i] ?? ''] as const)
        batch.push(this.#records.ingested(row, fields))
        return 'ingestion'
      }
    }
    const table = new Table(file, header, {
      settings: this.#settings,
      drafts: this.#drafts,
      types: this.#types,
      watch: (name, declared) => this.#watch(name, declared),
    })
    this.#tables.set(file, table)
    return (row, cells, batch) => {
      batch.push(table.read(row, cells))
      return 'object'
    }
  }

  #watch(name: string, declared: string | null): ColumnInference {
    const column = this.#columns.get(name) ?? new ColumnInference(declared)
    this.#columns.set(name, column)
    return column
  }
}
