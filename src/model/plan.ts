import type { Foreseen, ForeseenReason } from './foreseen.ts'
import type { Kind } from './kind.ts'
import type { Place, Problem, ProblemCode } from './problem.ts'
import type { Writing } from './row.ts'

/** What a run would do, found by reading everything and sending nothing. */
export interface Plan {
  files: PlanFile[]
  /** Track objects, the invalid ones included. Every one ends in a line of `rows.csv`. */
  objects: number
  /** Objects that would be refused here and never sent. */
  invalid: number
  /** Requests a run without failures makes. */
  requests: number
  /** Minutes those take at the rate; null where there is no rate. */
  minutes: number | null
  /** As Braze bills them on contracts that know data points. */
  dataPoints: number
  kinds: Partial<Record<Kind, number>>
  /** Cells left out because they did not fit their type (`--on-type-error field`). */
  leftOut: number
  /** Every column of the CSV files, under the name that the header gives it. */
  columns: Record<string, PlanColumn>
  /** Each problem code, how often, and the first place it was met. */
  problems: { code: ProblemCode; times: number; first: Problem }[]
  /** Values of rows that will be sent, but not be stored as requested: why, how many, and the first one. */
  foreseen: { reason: ForeseenReason; times: number; first: Place & Omit<Foreseen, 'reason'> }[]
  /** Whose rows may be what the run waits for in the end. */
  busiest?: Busiest
}

/** The rows that will be sent, counted stretch by stretch of the input, and the users that have the most of them. */
export interface Busiest {
  /** Objects in a stretch. */
  every: number
  rows: number[]
  /** A user's mark, not its identifier; see `forecast/hot-users.ts`. */
  users: { user: string; rows: number[] }[]
}

export interface PlanFile extends Writing {
  path: string
  bytes: number
  sha256: string
  rows: number
  /** What the rows hold, where that is not one object each. */
  shapes: Partial<Record<Exclude<Shape, 'object'>, number>>
  header: Uint8Array | null
}

/** What a row can hold, and where such rows come from. */
export const shapes = {
  object: 'anywhere',
  track_body: '/users/track',
  exported: '/users/export/ids',
  ingestion: 'Cloud Data Ingestion',
} as const
export type Shape = keyof typeof shapes

/** What delivery and the report need of a plan; the journal keeps it. */
export interface PlannedRun {
  objects: number
  invalid: number
  files: PlanFile[]
  types: Record<string, InferredType>
  /** Absent in the journals of older versions. */
  busiest?: Busiest
}

export function plannedRun({ objects, invalid, files, columns, busiest }: Plan): PlannedRun {
  const known = busiest === undefined ? {} : { busiest }
  return { objects, invalid, files, types: inferredTypes(columns), ...known }
}

/** A column, and what is wrong with its cells: each kind of mistake once, the most frequent one first. */
export type PlanColumn = ColumnFigures & {
  problems: { code: ProblemCode; times: number; example: Problem }[]
}

/** What a column holds. */
export type ColumnFigures = { filled: number; empty: number } & (
  | {
      /** The user, or the field it fills, gave it this type; `kind` and `ignored` fill no field. */
      declared: true
      type: string
    }
  | {
      declared: false
      type: InferredType
      /** The first cell that kept a column of numbers or booleans from being one. */
      spoiledBy?: { cell: string; line: number }
    }
)

/** What the cells of a column that nobody declared can turn out to be. */
export type InferredType = 'number' | 'boolean' | 'string'

/** The types that delivery must not infer anew; columns that were declared are not among them. */
export function inferredTypes(columns: Record<string, ColumnFigures>): Record<string, InferredType> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, column]) => (column.declared ? [] : [[name, column.type]])),
  )
}
