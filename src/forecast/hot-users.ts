import type { Busiest } from '../model/plan.ts'
import type { TrackObject } from '../model/track-object.ts'

/** Users who are counted at the same time, users who are told in the end, and stretches the input is told in. */
const places = 4096
const toldMax = 8
const stretches = 64
/** A user of fewer rows than this share of all never decides when a run ends. */
const leastShare = 1 / 500

/**
 * Finds the users of the most rows without remembering all users. Each user has a place, which many share; there every
 * row is a vote for its user and against the one who holds the place, and who has no votes left loses it (Boyer and
 * Moore). Whoever has more rows than all others of the place together holds it in the end.
 */
export class BusiestUsers {
  readonly #users = new Uint32Array(places)
  readonly #votes = new Uint32Array(places)
  /** The rows of who holds a place, stretch by stretch; after all places, those of everybody. */
  readonly #rows = new Uint32Array((places + 1) * stretches)
  #every = 16
  #length = 0

  /** An object that will be sent. */
  add({ seq, user }: Pick<TrackObject, 'seq' | 'user'>): void {
    while (seq >= this.#every * stretches) this.#widen()
    const stretch = Math.floor(seq / this.#every)
    this.#length = Math.max(this.#length, stretch + 1)
    this.#increase(places, stretch)
    const number = numberOf(user)
    const place = number % places
    const votes = this.#votes[place] ?? 0
    if (votes > 0 && this.#users[place] !== number) {
      this.#votes[place] = votes - 1
      return
    }
    if (votes === 0 && this.#users[place] !== number) {
      this.#users[place] = number
      this.#rows.fill(0, place * stretches, (place + 1) * stretches)
    }
    this.#votes[place] = votes + 1
    this.#increase(place, stretch)
  }

  figures(): Busiest {
    const rows = this.#rowsOf(places)
    const least = Math.max(2, sum(rows) * leastShare)
    const users = Array.from(this.#users, (number, place) => ({ number, rows: this.#rowsOf(place) }))
      .map(user => ({ ...user, sum: sum(user.rows) }))
      .filter(user => user.sum >= least)
      .toSorted((a, b) => b.sum - a.sum)
      .slice(0, toldMax)
      .map(user => ({ user: hex(user.number), rows: user.rows }))
    return { every: this.#every, rows, users }
  }

  #rowsOf(place: number): number[] {
    return [...this.#rows.subarray(place * stretches, place * stretches + this.#length)]
  }

  #increase(place: number, stretch: number): void {
    const at = place * stretches + stretch
    this.#rows[at] = (this.#rows[at] ?? 0) + 1
  }

  /** Makes stretches of twice the length. */
  #widen(): void {
    this.#every *= 2
    this.#length = Math.ceil(this.#length / 2)
    for (let at = 0; at < this.#rows.length; at += stretches) {
      const rows = this.#rows.subarray(at, at + stretches)
      for (let i = 0; i < stretches / 2; i++) rows[i] = (rows[2 * i] ?? 0) + (rows[2 * i + 1] ?? 0)
      rows.fill(0, stretches / 2)
    }
  }
}

/** A user as the plan of a run keeps it: enough to know it again. */
export function markOf(user: string): string {
  return hex(numberOf(user))
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0')
}

/** FNV-1a: the same number for the same user, on any machine. */
function numberOf(user: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < user.length; i++) hash = Math.imul(hash ^ user.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
