/** So many values weigh; older ones fade. */
const memory = 1000

/** The mean of what was seen lately. */
export class Mean {
  #seen = 0
  #mean = 0
  #variance = 0

  add(value: number): void {
    this.#seen++
    const weight = 1 / Math.min(this.#seen, memory)
    const off = value - this.#mean
    this.#mean += off * weight
    this.#variance = (1 - weight) * (this.#variance + off * off * weight)
  }

  get value(): number {
    return this.#mean
  }

  /** This mean where it is certainly another than that one; else that one, which has seen more. */
  unlessLike(wider: Mean): number {
    const error = Math.sqrt(this.#variance / Math.max(1, Math.min(this.#seen, memory)))
    return this.#seen >= seenLeast && Math.abs(this.#mean - wider.#mean) > errorsMax * error
      ? this.#mean
      : wider.#mean
  }
}

/** From so many values on, and so many standard errors apart, two means are two. */
const seenLeast = 20
const errorsMax = 3
