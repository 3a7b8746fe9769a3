/** Causes told apart; beyond that they are counted together. */
const causesMax = 40

/** How often each cause was met. */
export class Causes {
  readonly #times = new Map<string, number>()
  others = 0

  add(cause: string): void {
    const times = this.#times.get(cause)
    if (times === undefined && this.#times.size >= causesMax) this.others++
    else this.#times.set(cause, (times ?? 0) + 1)
  }

  /** The most frequent first; of two alike, the one that was met first. */
  get sorted(): [string, number][] {
    return [...this.#times].toSorted(([, a], [, b]) => b - a)
  }
}
