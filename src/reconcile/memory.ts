/**
 * The last number the profile was seen to hold, per user and name: counts of events and purchases, and attributes
 * that can be incremented. Bounded: what was not seen for longest is forgotten, and then says nothing rather than
 * something wrong.
 */
export class Memory {
  readonly #numbers = new Map<string, number>()
  readonly #max: number

  constructor(max = 200_000) {
    this.#max = max
  }

  last(user: string, name: string): number | undefined {
    return this.#numbers.get(keyOf(user, name))
  }

  remember(user: string, name: string, value: number): void {
    const key = keyOf(user, name)
    this.#numbers.delete(key)
    this.#numbers.set(key, value)
    if (this.#numbers.size > this.#max) {
      const oldest = this.#numbers.keys().next()
      if (oldest.done !== true) this.#numbers.delete(oldest.value)
    }
  }
}

function keyOf(user: string, name: string): string {
  return `${user}\n${name}`
}
