import { type Kind, occurrenceField } from '../model/fields.ts'
import { type JsonObject, textOf } from '../model/json.ts'

/**
 * What earlier answers of the run showed: the last number the profile was seen to hold, per user and name (counts of
 * events and purchases, and attributes that can be incremented), and which names were ever listed. Bounded: what does
 * not fit in says nothing rather than something wrong.
 */
export class Memory {
  readonly #numbers = new Map<string, number>()
  /** How often a name was asked for in vain; `listed` once any answer showed it. */
  readonly #names = new Map<string, number>()
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

  /** Where there is no room, what was not seen for longest leaves. */
  remember(user: string, name: string, value: number): void {
    const key = keyOf(user, name)
    this.#numbers.delete(key)
    this.#numbers.set(key, value)
    if (this.#numbers.size > this.#max) {
      const oldest = this.#numbers.keys().next()
      if (oldest.done !== true) this.#numbers.delete(oldest.value)
    }
  }

  /** An answer listed this name: from now on it is not missing everywhere. */
  sawName(name: string): void {
    this.#tell(name, listed)
  }

  /**
   * An answer about the right user left this name out; says how many did, so long as none listed it. Nothing leaves
   * to make room here: a name that was listed and forgotten would later be blamed.
   */
  missedName(name: string): number {
    const before = this.#names.get(name) ?? 0
    if (before === listed) return 0
    return this.#tell(name, before + 1) ? before + 1 : 0
  }

  #tell(name: string, seen: number): boolean {
    const fits = this.#names.has(name) || this.#names.size < this.#max
    if (fits) this.#names.set(name, seen)
    return fits
  }
}

const listed = -1

/** The name by which a number is remembered: an attribute and an event of one name are two things. */
export function memoryName(kind: Kind, name: string): string {
  return `${kind} ${name}`
}

/** The names a body's numbers are remembered by. */
export function memoryNames(kind: Kind, body: JsonObject): string[] {
  const names = kind === 'attributes' ? Object.keys(body) : [textOf(body[occurrenceField[kind]])]
  return names.map(name => memoryName(kind, name))
}

function keyOf(user: string, name: string): string {
  return `${user}\n${name}`
}
