import type { Account } from '../../model/account.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import { workAt } from '../../model/timeline.ts'

/** When the requested objects ended; rows that were never sent have no place in time. */
export class OutcomesOverTime {
  readonly #facts: RunFacts
  readonly #counts = new Map<Outcome, number[]>()

  constructor(facts: RunFacts) {
    this.#facts = facts
  }

  add({ outcome, endedAt }: Account): void {
    if (endedAt === null) return
    const { activeMs, timeline } = this.#facts
    const at = Math.min(Math.max(0, workAt(timeline, endedAt)), Math.max(0, activeMs - 1))
    const slice = Math.floor(at / timeline.sliceMs)
    const counts = this.#counts.get(outcome) ?? []
    this.#counts.set(outcome, counts)
    while (counts.length <= slice) counts.push(0)
    counts[slice] = (counts[slice] ?? 0) + 1
  }

  /** Objects that ended so, in each slice of the timeline. */
  counts(outcome: Outcome): readonly number[] {
    return this.#counts.get(outcome) ?? []
  }

  total(outcome: Outcome): number {
    return this.counts(outcome).reduce((sum, count) => sum + count, 0)
  }
}
