import type { Readings } from '../braze/assumptions.ts'
import { occurrenceField } from '../braze/fields.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { Numbers } from './recent-numbers.ts'

/**
 * What earlier answers of the run showed: the last number the profile was seen to hold, per user and name (counts of
 * events and purchases, and attributes that can be incremented), and which names were ever listed. Bounded: what does
 * not fit in says nothing rather than something wrong.
 */
export class Memory {
  /** By user and name, and which names there are: most attributes were never a number, and need not be looked for. */
  readonly #numbers: Numbers
  readonly #numeric = byKind(() => new Set<string>())
  /** How often a name was asked for in vain; `listed` once any answer showed it. */
  readonly #names = byKind(() => new Map<string, number>())
  readonly #max: number

  constructor(max = 200_000) {
    this.#max = max
    this.#numbers = new Numbers(max)
  }

  last(user: string, kind: Kind, name: string): number | undefined {
    return this.#mayBeNumber(kind, name) ? this.#numbers.get(keyOf(user, kind, name)) : undefined
  }

  /** For what may have been written unseen: the next sight of it is a first sight. */
  forget(user: string, kind: Kind, name: string): void {
    if (this.#mayBeNumber(kind, name)) this.#numbers.forget(keyOf(user, kind, name))
  }

  /** Where there is no room, what was not seen for longest leaves. */
  remember(user: string, kind: Kind, name: string, value: number): void {
    if (this.#numeric[kind].size < namesMax) this.#numeric[kind].add(name)
    this.#numbers.set(keyOf(user, kind, name), value)
  }

  /** An answer listed this name: from now on it is not missing everywhere. */
  sawName(kind: Kind, name: string): void {
    if (this.#names[kind].get(name) !== listed) this.#tell(kind, name, listed)
  }

  /**
   * An answer about the right user left this name out; says how many did, so long as none listed it. Nothing leaves
   * to make room here: a name that was listed and forgotten would later be blamed.
   */
  missedName(kind: Kind, name: string): number {
    const before = this.#names[kind].get(name) ?? 0
    if (before === listed) return 0
    return this.#tell(kind, name, before + 1) ? before + 1 : 0
  }

  #mayBeNumber(kind: Kind, name: string): boolean {
    return this.#numeric[kind].has(name) || this.#numeric[kind].size >= namesMax
  }

  #tell(kind: Kind, name: string, seen: number): boolean {
    const names = this.#names[kind]
    const fits = names.has(name) || names.size < this.#max
    if (fits) names.set(name, seen)
    return fits
  }
}

const listed = -1
/** From here on every name may have been a number. */
const namesMax = 10_000

/** The names a body's numbers are remembered by. */
export function memoryNames(kind: Kind, body: JsonObject): string[] {
  return kind === 'attributes' ? Object.keys(body) : [textOf(body[occurrenceField[kind]])]
}

function keyOf(user: string, kind: Kind, name: string): string {
  return `${user}\n${kind} ${name}`
}

function byKind<Value>(make: () => Value): Record<Kind, Value> {
  return { attributes: make(), events: make(), purchases: make() }
}

/** Answers that leave a name out before it is called blocklisted: one is chance, two may be one bad row sent twice. */
const blocklistedFrom = 3

/**
 * The reason for a name that the answer does not list. Where it lists another name in its place (`othersListed`) the
 * answer is the strange thing, and proves nothing about the name itself.
 */
export function missingReason(kind: Kind, name: string, othersListed: boolean, memory: Memory): ReasonCode {
  if (othersListed) return 'extra_key'
  return memory.missedName(kind, name) >= blocklistedFrom ? 'maybe_blocklisted' : 'key_missing'
}

/** What an answer is read by, beside the answer itself. */
export interface View {
  /** When the answer came, in milliseconds. */
  at: number
  memory: Memory
  readings: Readings
  /** The object was sent again after an answer was lost, so it may have been applied more than once. */
  repeated: boolean
}
