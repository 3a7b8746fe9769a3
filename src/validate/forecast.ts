import type { Kind } from '../model/fields.ts'
import type { Plan } from '../model/plan.ts'
import type { Problem, ProblemCode } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { dataPoints } from '../model/value.ts'

/** Adds up what sending these objects would come to. */
export class Forecast {
  readonly #kinds: Partial<Record<Kind, number>> = {}
  readonly #problems = new Map<ProblemCode, { times: number; first: Problem }>()
  #objects = 0
  #invalid = 0
  #leftOut = 0
  #dataPoints = 0

  add(objects: readonly TrackObject[]): void {
    for (const { kind, body, problems, leftOut } of objects) {
      this.#objects++
      this.#leftOut += leftOut.length
      for (const problem of [...problems, ...leftOut]) {
        const known = this.#problems.get(problem.code)
        this.#problems.set(problem.code, { times: (known?.times ?? 0) + 1, first: known?.first ?? problem })
      }
      if (problems.length > 0 || kind === null) {
        this.#invalid++
        continue
      }
      this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1
      this.#dataPoints += dataPoints(kind, body)
    }
  }

  /** The figures of the plan; `perMinute` is the rate, null for none. */
  figures(perMinute: number | null): Omit<Plan, 'files' | 'columns'> {
    const requests = this.#objects - this.#invalid
    return {
      objects: this.#objects,
      invalid: this.#invalid,
      requests,
      minutes: perMinute === null ? null : requests / perMinute,
      dataPoints: this.#dataPoints,
      kinds: this.#kinds,
      leftOut: this.#leftOut,
      problems: [...this.#problems]
        .map(([code, found]) => ({ code, ...found }))
        .toSorted((a, b) => b.times - a.times || (a.code < b.code ? -1 : 1)),
    }
  }
}
