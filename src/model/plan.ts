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
  /** Minutes they take at the rate; null without a rate. */
  minutes: number | null
  /** As Braze bills them on contracts with data points. */
  dataPoints: number
  kinds: Partial<Record<Kind, number>>
  /** Cells left out because they did not fit their type (`--on-type-error field`). */
  leftOut: number
  /** Every column of the CSV files, under the name that the header gives it. */
  columns: Record<string, PlanColumn>
  /** Each problem code, how often it occurs, and where first. */
  problems: { code: ProblemCode; times: number; first: Problem }[]
  /** Values of rows that will be sent, but not be stored as requested: why, how many, and the first one. */
  foreseen: { reason: ForeseenReason; times: number; first: Place & Omit<Foreseen, 'reason'> }[]
  /** The users whose rows may take longest. */
  busiest?: Busiest
  /** What shows the values, and what looking users up takes. Absent in the plans of older versions. */
  lookups?: PlannedLookups
}

/** Why users are looked up. */
export type LookupPurpose = 'verify' | 'snapshot' | 'audit'

/** What shows the values of the rows that are not invalid, and what it takes to look the users up. */
export interface PlannedLookups extends Partial<LookupCosts> {
  /** Why users are looked up; empty where nobody is, and then there are no figures of that. */
  purposes: LookupPurpose[]
  /**
   * Values by what shows them: the response of `/users/track/sync`, only a lookup, or neither. An audit has no responses,
   * and compares with lookups alone.
   */
  shown: Record<ShownBy, number>
}

export type ShownBy = 'response' | 'lookup' | 'never'

/** What the lookups of a run take, if every value shows at the first look and no request fails. */
export interface LookupCosts {
  /** Distinct users. */
  users: number
  /** More than 16,384 users, or looks at them, are estimated, with a standard error of 1.1 %. */
  isEstimate: boolean
  /** Requests to `/users/export/ids`; 0 where the profiles are on disk. */
  requests: number
  /** The rate of lookups; null without one. */
  perMinute: number | null
  /** Minutes they take at that rate; null without one. */
  minutes: number | null
}

/** The rows to be sent, counted per stretch of the input, and the users with the most rows. */
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
  /** What the rows contain, if not one object each. */
  shapes: Partial<Record<Exclude<Shape, 'object'>, number>>
  header: Uint8Array | null
}

/** What a row can contain, and where such rows come from. */
export const shapes = {
  object: 'anywhere',
  track_body: '/users/track',
  exported: '/users/export/ids',
  ingestion: 'Cloud Data Ingestion',
} as const
export type Shape = keyof typeof shapes

/** The parts of a plan that delivery and the report need; the journal keeps them. */
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

/** A column, and the problems of its cells: each kind once, the most frequent first. */
export type PlanColumn = ColumnFigures & {
  problems: { code: ProblemCode; times: number; example: Problem }[]
}

/** The type of a column, and how many of its cells are filled. */
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

/** The types that can be inferred for a column. */
export type InferredType = 'number' | 'boolean' | 'string'

/** The inferred types, which delivery must not infer again; declared columns are not included. */
export function inferredTypes(columns: Record<string, ColumnFigures>): Record<string, InferredType> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, column]) => (column.declared ? [] : [[name, column.type]])),
  )
}
