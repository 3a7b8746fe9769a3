import type { Busiest } from '../model/plan.ts'
import type { TrackObject } from '../model/track-object.ts'

const slots = 4096
const usersMax = 8
const stretchesMax = 64
/** A user with a smaller share of the rows never decides when a run ends. */
const minShare = 1 / 500

/**
 * Finds the users with the most rows in constant memory. Users are hashed into slots, and each slot keeps one candidate
 * by majority vote (Boyer-Moore): its own rows are votes for it, rows of other users in the slot are votes against it.
 * A user with more rows than the others in its slot combined is always found.
 */
export class HotUsers {
  readonly #candidates = new Uint32Array(slots)
  readonly #votes = new Uint32Array(slots)
  /** Rows per stretch of each slot's candidate; after the last slot, those of all users. */
  readonly #rows = new Uint32Array((slots + 1) * stretchesMax)
  /** Objects in a stretch of the input, and the number of stretches so far. */
  #every = 16
  #stretches = 0

  /** An object that will be sent. */
  add({ seq, user }: Pick<TrackObject, 'seq' | 'user'>): void {
    while (seq >= this.#every * stretchesMax) this.#doubleStretches()
    const stretch = Math.floor(seq / this.#every)
    this.#stretches = Math.max(this.#stretches, stretch + 1)
    this.#countRow(slots, stretch)
    const hash = fnv1a(user)
    const slot = hash % slots
    const votes = this.#votes[slot] ?? 0
    if (this.#candidates[slot] !== hash) {
      if (votes > 0) {
        this.#votes[slot] = votes - 1
        return
      }
      this.#candidates[slot] = hash
      this.#rows.fill(0, slot * stretchesMax, (slot + 1) * stretchesMax)
    }
    this.#votes[slot] = votes + 1
    this.#countRow(slot, stretch)
  }

  figures(): Busiest {
    const rows = this.#rowsOf(slots)
    const minRows = Math.max(2, sum(rows) * minShare)
    const users = Array.from(this.#candidates, (hash, slot) => ({
      user: hex(hash),
      rows: this.#rowsOf(slot),
    }))
      .filter(user => sum(user.rows) >= minRows)
      .toSorted((a, b) => sum(b.rows) - sum(a.rows))
      .slice(0, usersMax)
    return { every: this.#every, rows, users }
  }

  #rowsOf(slot: number): number[] {
    return [...this.#rows.subarray(slot * stretchesMax, slot * stretchesMax + this.#stretches)]
  }

  #countRow(slot: number, stretch: number): void {
    const i = slot * stretchesMax + stretch
    this.#rows[i] = (this.#rows[i] ?? 0) + 1
  }

  /** Merges neighbouring stretches, so that a longer input fits. */
  #doubleStretches(): void {
    this.#every *= 2
    this.#stretches = Math.ceil(this.#stretches / 2)
    for (let start = 0; start < this.#rows.length; start += stretchesMax) {
      const rows = this.#rows.subarray(start, start + stretchesMax)
      for (let i = 0; i < stretchesMax / 2; i++) rows[i] = (rows[2 * i] ?? 0) + (rows[2 * i + 1] ?? 0)
      rows.fill(0, stretchesMax / 2)
    }
  }
}

/** How the plan identifies a user without naming it. */
export function hashUser(user: string): string {
  return hex(fnv1a(user))
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, '0')
}

/** The same hash on any machine. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
