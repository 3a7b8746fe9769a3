import { endpoints } from '../braze/endpoints.ts'
import type { Look } from '../model/observation.ts'
import { isSingle } from './export-request.ts'
import type { Person } from './person.ts'

/** A user who is to be looked at, for all who asked before the request left. */
export interface Wish {
  user: string
  person: Person
  fields: Set<string>
  since: number
  askers: ((look: Look) => void)[]
}

/** How long a request waits for others to share it, in milliseconds, unless it is set otherwise. */
export const defaultFillMs = 2000

/** What travels in one request. */
export interface Batch {
  wishes: Wish[]
  /** Requests that failed, those from before it was parted included. */
  failures: number
}

/**
 * Wishes on their way into requests: those that can share one, those that need one each, and batches that leave again.
 * The oldest leave first. An urgent one may overtake older ones, yet never twice in a row, so that nobody waits for ever.
 */
export class Waiting {
  readonly #shared: Line
  readonly #single: Line
  readonly #again = new Set<Batch>()
  #hasOvertaken = false

  /** `fillMs` is how long a request may wait for others to share it. */
  constructor(fillMs: number) {
    this.#shared = new Line(endpoints.exportIds.objectsMax, fillMs)
    this.#single = new Line(1, fillMs)
  }

  get isEmpty(): boolean {
    return this.#again.size === 0 && this.#shared.size === 0 && this.#single.size === 0
  }

  /** Joins a wish for the same user, if one waits. */
  add(wish: Wish, isUrgent: boolean): void {
    const line = isSingle(wish.person) ? this.#single : this.#shared
    line.add(wish, isUrgent)
  }

  /** None of those who wait now waits for others any more. */
  hurry(): void {
    this.#shared.hurry()
    this.#single.hurry()
  }

  /** Lets a batch leave again, as it is. */
  addAgain(batch: Batch): void {
    this.#again.add(batch)
  }

  /** When the next request may leave; null while nobody waits. */
  readyAt(): number | null {
    if (this.#again.size > 0) return Number.NEGATIVE_INFINITY
    const times = [this.#shared, this.#single].flatMap(line => line.readyAt() ?? [])
    return times.length === 0 ? null : Math.min(...times)
  }

  /** Takes the batch whose turn it is. */
  take(now: number): Batch | undefined {
    const lines = [this.#shared, this.#single].filter(line => (line.readyAt() ?? Infinity) <= now)
    const oldest = lines.toSorted((a, b) => a.since - b.since)
    const urgent = this.#hasOvertaken ? undefined : oldest.find(({ isUrgent }) => isUrgent)
    this.#hasOvertaken = urgent !== undefined
    if (urgent !== undefined) return { wishes: urgent.take(true), failures: 0 }
    const [line] = oldest
    const [again] = this.#again
    if (again !== undefined && (again.wishes[0]?.since ?? 0) <= (line?.since ?? Infinity)) {
      this.#again.delete(again)
      return again
    }
    return line === undefined ? undefined : { wishes: line.take(false), failures: 0 }
  }

  /** Empties it. */
  clear(): Wish[] {
    const wishes = [...this.#again].flatMap(batch => batch.wishes)
    this.#again.clear()
    return [...wishes, ...this.#shared.clear(), ...this.#single.clear()]
  }
}

/** Wishes of one kind, oldest first. */
class Line {
  readonly #max: number
  readonly #fillMs: number
  readonly #wishes = new Map<string, Wish>()
  readonly #urgent = new Set<Wish>()

  constructor(max: number, fillMs: number) {
    this.#max = max
    this.#fillMs = fillMs
  }

  get size(): number {
    return this.#wishes.size
  }

  get isUrgent(): boolean {
    return this.#urgent.size > 0
  }

  /** Since when the oldest waits. */
  get since(): number {
    return this.#oldest?.since ?? Number.POSITIVE_INFINITY
  }

  add(wish: Wish, isUrgent: boolean): void {
    const waiting = this.#wishes.get(wish.user) ?? wish
    if (waiting === wish) this.#wishes.set(wish.user, wish)
    else {
      for (const field of wish.fields) waiting.fields.add(field)
      waiting.askers.push(...wish.askers)
    }
    if (isUrgent) this.#urgent.add(waiting)
  }

  hurry(): void {
    for (const wish of this.#wishes.values()) this.#urgent.add(wish)
  }

  readyAt(): number | null {
    const oldest = this.#oldest
    if (oldest === undefined) return null
    const isReady = this.isUrgent || this.size >= this.#max
    return isReady ? oldest.since : oldest.since + this.#fillMs
  }

  take(urgentFirst: boolean): Wish[] {
    const taken = new Set<Wish>()
    for (const wishes of urgentFirst ? [this.#urgent, this.#wishes.values()] : [this.#wishes.values()])
      for (const wish of wishes) {
        if (taken.size === this.#max) break
        taken.add(wish)
      }
    for (const wish of taken) {
      this.#wishes.delete(wish.user)
      this.#urgent.delete(wish)
    }
    return [...taken]
  }

  clear(): Wish[] {
    const wishes = [...this.#wishes.values()]
    this.#wishes.clear()
    this.#urgent.clear()
    return wishes
  }

  get #oldest(): Wish | undefined {
    const [oldest] = this.#wishes.values()
    return oldest
  }
}
