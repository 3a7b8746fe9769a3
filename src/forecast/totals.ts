import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import { dataPoints } from '../braze/values.ts'
import type { Kind } from '../model/kind.ts'
import type { ColumnFigures, Plan, PlanColumn } from '../model/plan.ts'
import type { Problem, ProblemCode } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { notAsAsked } from './not-as-asked.ts'

type ColumnProblem = PlanColumn['problems'][number]
type ForeseenTotal = Plan['foreseen'][number]

/** Adds up what a run would send. */
export class Forecast {
  readonly #now: number
  readonly #columnOf: (found: Problem) => string | undefined
  readonly #kinds: Partial<Record<Kind, number>> = {}
  readonly #problems = new Map<ProblemCode, { times: number; first: Problem }>()
  /** By column, then by problem; there are few of either. */
  readonly #columns = new Map<string, Map<string, ColumnProblem>>()
  readonly #foreseen = new Map<string, ForeseenTotal>()
  readonly #readings: Readings
  #objects = 0
  #invalid = 0
  #leftOut = 0
  #dataPoints = 0

  /** `now` decides which times are in the future; `columnOf` returns the column that caused a problem. */
  constructor(
    now: number,
    columnOf: (found: Problem) => string | undefined = () => undefined,
    readings: Readings = defaultReadings,
  ) {
    this.#now = now
    this.#columnOf = columnOf
    this.#readings = readings
  }

  add(objects: readonly TrackObject[]): void {
    for (const object of objects) {
      const { kind, body, problems, leftOut } = object
      this.#objects++
      this.#leftOut += leftOut.length
      for (const problem of problems) this.#countProblem(problem)
      for (const problem of leftOut) this.#countProblem(problem)
      if (problems.length > 0 || kind === null) {
        this.#invalid++
        continue
      }
      this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1
      this.#dataPoints += dataPoints(kind, body)
      this.#countNotAsAsked(object)
    }
  }

  /** The totals for the plan. `perMinute` is the rate limit; null if there is none. */
  figures(perMinute: number | null, columns: Record<string, ColumnFigures> = {}): Omit<Plan, 'files'> {
    const requests = this.#objects - this.#invalid
    return {
      objects: this.#objects,
      invalid: this.#invalid,
      requests,
      minutes: perMinute === null ? null : requests / perMinute,
      dataPoints: this.#dataPoints,
      kinds: this.#kinds,
      leftOut: this.#leftOut,
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, figures]) => {
          const problems = [...(this.#columns.get(name)?.values() ?? [])].toSorted(
            mostFrequentFirst(({ code }) => code),
          )
          return [name, { ...figures, problems }]
        }),
      ),
      problems: [...this.#problems]
        .map(([code, found]) => ({ code, ...found }))
        .toSorted(mostFrequentFirst(({ code }) => code)),
      foreseen: [...this.#foreseen.values()].toSorted(mostFrequentFirst(({ reason }) => reason)),
    }
  }

  #countProblem(problem: Problem): void {
    const known = this.#problems.get(problem.code)
    if (known === undefined) this.#problems.set(problem.code, { times: 1, first: problem })
    else known.times++

    const column = this.#columnOf(problem)
    if (column === undefined) return
    const found = this.#columns.get(column) ?? new Map<string, ColumnProblem>()
    this.#columns.set(column, found)
    // Different mistakes can have the same code; `expected` distinguishes them.
    const key = `${problem.code} ${problem.expected ?? ''}`
    const same = found.get(key)
    if (same === undefined) found.set(key, { code: problem.code, times: 1, example: problem })
    else same.times++
  }

  #countNotAsAsked(object: TrackObject): void {
    for (const { reason, field, message } of notAsAsked(object, this.#readings, this.#now)) {
      const known = this.#foreseen.get(reason)
      if (known !== undefined) {
        known.times++
        continue
      }
      const { file, row, line } = object
      this.#foreseen.set(reason, { reason, times: 1, first: { file, row, line, field, message } })
    }
  }
}

/** Most frequent first, then by name. */
function mostFrequentFirst<Found extends { times: number }>(nameOf: (found: Found) => string) {
  return (a: Found, b: Found) => b.times - a.times || (nameOf(a) < nameOf(b) ? -1 : 1)
}
