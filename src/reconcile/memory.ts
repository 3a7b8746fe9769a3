import { type Kind, occurrenceField } from '../model/fields.ts'
import { type JsonObject, textOf } from '../model/json.ts'

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

  /** For what may have been written unseen: the next sight of it is a first sight. */
  forget(user: string, ...names: string[]): void {
    for (const name of names) this.#numbers.delete(keyOf(user, name))
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

/** The names a body's numbers are remembered by: an attribute and an event of one name are two things. */
export function memoryNames(kind: Kind, body: JsonObject): string[] {
  const names = kind === 'attributes' ? Object.keys(body) : [textOf(body[occurrenceField[kind]])]
  return names.map(name => `${kind} ${name}`)
}

function keyOf(user: string, name: string): string {
  return `${user}\n${name}`
}
