import type { Kind } from './fields.ts'
import type { Problem, ProblemCode } from './problem.ts'
import type { Format } from './row.ts'

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
  /** What was found in each column that nobody gave a type. */
  columns: Record<string, PlanColumn>
  /** Each problem code, how often, and the first place it was met. */
  problems: { code: ProblemCode; times: number; first: Problem }[]
}

export interface PlanFile {
  path: string
  bytes: number
  sha256: string
  format: Format
  rows: number
  header: Uint8Array | null
}

export interface PlanColumn {
  type: 'number' | 'boolean' | 'string'
  filled: number
  empty: number
  /** The first cell that kept a column of numbers or booleans from being one. */
  spoiledBy?: { cell: string; line: number }
}
