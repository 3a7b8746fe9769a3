import type { ColumnFigures, PlanFile, Shape } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { DraftFactory, invalidObject } from './drafts.ts'
import { ColumnInference, type InferredTypes } from './infer.ts'
import { isIngestionRow } from './ingestion.ts'
import type { MapSettings } from './mapping.ts'
import { RecordMapper } from './records.ts'
import { Table } from './table.ts'

/** Adds the objects of a row to a batch, and returns the shape of the row. */
type RowReader = (row: Row, batch: TrackObject[]) => Shape

/**
 * Maps the rows of all files to track objects. The planning pass treats undeclared cells as text and infers the types
 * of their columns; with those types, the second pass creates the objects to send.
 */
export class Mapper {
  readonly #settings: MapSettings
  readonly #types: InferredTypes | null
  readonly #drafts: DraftFactory
  readonly #records: RecordMapper
  readonly #columns = new Map<string, ColumnInference>()
  readonly #tables = new Map<string, Table>()
  readonly #shapes = new Map<string, PlanFile['shapes']>()
  #seq = 0

  constructor(settings: MapSettings, types: InferredTypes | null) {
    this.#settings = settings
    this.#types = types
    this.#drafts = new DraftFactory(settings)
    this.#records = new RecordMapper(settings, this.#drafts)
  }

  /** Yields the track objects of a file in batches, in file order. Throws if its columns cannot make objects. */
  async *map(file: RowFile): AsyncGenerator<TrackObject[]> {
    const readRow = this.#rowReader(file)
    const shapes: PlanFile['shapes'] = {}
    this.#shapes.set(file.file, shapes)
    for await (const rows of file.batches) {
      const batch: TrackObject[] = []
      for (const row of rows) {
        const shape = readRow(row, batch)
        if (shape !== 'object') shapes[shape] = (shapes[shape] ?? 0) + 1
      }
      for (const object of batch) object.seq = this.#seq++
      yield batch
    }
  }

  /** The columns of all files; complete once all files have been mapped. */
  columns(): Record<string, ColumnFigures> {
    return Object.fromEntries([...this.#columns].map(([name, column]) => [name, column.result()]))
  }

  /** Counts the rows of a file by shape, apart from plain objects. */
  shapesOf(file: string): PlanFile['shapes'] {
    return this.#shapes.get(file) ?? {}
  }

  /** The CSV column that caused a problem. */
  columnOf(found: Problem): string | undefined {
    return this.#tables.get(found.file ?? '')?.columnOf(found)
  }

  #rowReader({ file, header }: RowFile): RowReader {
    const readCells = header === null ? undefined : this.#cellReader(file, header)
    return (row, batch) => {
      const { content } = row
      if ('value' in content) return this.#records.read(row, content.value, batch)
      if ('cells' in content && readCells !== undefined) return readCells(row, content.cells, batch)
      if ('problem' in content) batch.push(invalidObject(row, content.problem))
      return 'object'
    }
  }

  #cellReader(file: string, header: string[]): (row: Row, cells: string[], batch: TrackObject[]) => Shape {
    const { id, mapping } = this.#settings
    // Explicit columns take precedence over this special format.
    if (id === undefined && mapping?.columns === undefined && isIngestionRow(header)) {
      return (row, cells, batch) => {
        const fields = header.map((name, i) => [name, cells[i] ?? ''] as const)
        batch.push(this.#records.ingestionObject(row, fields))
        return 'ingestion'
      }
    }
    const table = new Table(file, header, {
      settings: this.#settings,
      drafts: this.#drafts,
      types: this.#types,
      inferenceOf: (name, declared) => this.#inferenceOf(name, declared),
    })
    this.#tables.set(file, table)
    return (row, cells, batch) => {
      batch.push(table.read(row, cells))
      return 'object'
    }
  }

  #inferenceOf(name: string, declared: string | null): ColumnInference {
    const column = this.#columns.get(name) ?? new ColumnInference(declared)
    this.#columns.set(name, column)
    return column
  }
}
