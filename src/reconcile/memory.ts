import { occurrenceField } from '../braze/fields.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { Numbers } from './recent-numbers.ts'

/** What one response shows of one name: the count of an event or purchase, or an attribute. */
export interface Sighting {
  name: string
  /** The number that the profile holds; null where it is none, or may have been written unseen. */
  number: number | null
  /** Whether the response lists the name; absent where it proves nothing about that. */
  isListed?: boolean
}

/** What one response teaches about a user. */
export interface Lesson {
  user: string
  kind: Kind
  sightings: readonly Sighting[]
}

/**
 * What earlier responses of the run showed: the last number the profile was seen to hold, per user and name (counts of
 * events and purchases, and attributes that can be incremented), and which names were ever listed. Bounded: what does
 * not fit in says nothing rather than something wrong. Judging reads it; `learn` is the only way to change it.
 */
export class Memory {
  /** By user and name, and which names there are: most attributes were never a number, and need not be looked up. */
  readonly #numbers: Numbers
  readonly #numeric = byKind(() => new Set<string>())
  /** How many responses left a name out; `listed` once any response showed it. */
  readonly #names = byKind(() => new Map<string, number>())
  readonly #max: number

  constructor(max = 200_000) {
    this.#max = max
    this.#numbers = new Numbers(max)
  }

  last(user: string, kind: Kind, name: string): number | undefined {
    return this.#mayBeNumber(kind, name) ? this.#numbers.get(keyOf(user, kind, name)) : undefined
  }

  /**
   * How many responses will have left a name out once this one does; 0 where any listed it. Nothing leaves to make room
   * here: a name that was listed and forgotten would later be blamed.
   */
  timesMissed(kind: Kind, name: string): number {
    const before = this.#names[kind].get(name) ?? 0
    return before === listed || !this.#hasRoom(kind, name) ? 0 : before + 1
  }

  learn({ user, kind, sightings }: Lesson): void {
    for (const { name, number, isListed } of sightings) {
      if (number === null) this.#forget(user, kind, name)
      else this.#remember(user, kind, name, number)
      if (isListed === undefined || !this.#hasRoom(kind, name)) continue
      const times = isListed ? listed : this.timesMissed(kind, name)
      if (times !== 0) this.#names[kind].set(name, times)
    }
  }

  /** What may have been written unseen: the next sight of it is a first sight. */
  #forget(user: string, kind: Kind, name: string): void {
    if (this.#mayBeNumber(kind, name)) this.#numbers.forget(keyOf(user, kind, name))
  }

  /** Where there is no room, what was not seen for longest is dropped. */
  #remember(user: string, kind: Kind, name: string, value: number): void {
    if (this.#numeric[kind].size < namesMax) this.#numeric[kind].add(name)
    this.#numbers.set(keyOf(user, kind, name), value)
  }

  #mayBeNumber(kind: Kind, name: string): boolean {
    return this.#numeric[kind].has(name) || this.#numeric[kind].size >= namesMax
  }

  #hasRoom(kind: Kind, name: string): boolean {
    const names = this.#names[kind]
    return names.has(name) || names.size < this.#max
  }
}

/** What judging may ask of the memory. */
export type Recollection = Pick<Memory, 'last' | 'timesMissed'>

const listed = -1
/** From here on every name may have been a number. */
const namesMax = 10_000

/** An object may have been applied, and no response says so: nothing is certain of what it writes. */
export function unseen(user: string, kind: Kind, body: JsonObject): Lesson {
  return { user, kind, sightings: namesOf(kind, body).map(name => ({ name, number: null })) }
}

/** The names that an object writes under, as the memory keeps them. */
export function namesOf(kind: Kind, body: JsonObject): string[] {
  return kind === 'attributes' ? Object.keys(body) : [textOf(body[occurrenceField[kind]])]
}

function keyOf(user: string, kind: Kind, name: string): string {
  return `${user}\n${kind} ${name}`
}

function byKind<Value>(make: () => Value): Record<Kind, Value> {
  return { attributes: make(), events: make(), purchases: make() }
}

/** Responses that leave a name out before it is called blocklisted: one is chance, two may be one bad row sent twice. */
const blocklistedFrom = 3

/** The reason for a name that the response does not list. */
export function missingReason(kind: Kind, name: string, memory: Recollection): ReasonCode {
  return memory.timesMissed(kind, name) >= blocklistedFrom ? 'maybe_blocklisted' : 'key_missing'
}
