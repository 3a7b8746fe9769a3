/** Sums that only grow, at a moment. */
interface Mark {
  at: number
  /** Requests that left. */
  left: number
  /** Those of them that left while the pace was what held them up, and what the pace would then have permitted. */
  paced: number
  permitted: number
  /** Answers of 429, and others that tell how many rows an answer gets done. */
  turnedBack: number
  answered: number
  /** Rows that ended, and those that the answers counted here have got done. */
  ended: number
  done: number
  /** Time in pauses, and what the pace would have permitted in it. */
  pausedMs: number
  pausedPermits: number
}

/** What holds for the pace until something else is said. */
export interface PaceSigns {
  /** Requests a millisecond that the pace permits in the long run; null where it has no limit. */
  lasting: number | null
  /** The end of a pause under way, or 0. */
  pausedUntil: number
  /** The rows of a few users hold everything up, and not the pace. */
  isHeldUp: boolean
}

/** How fast rows get done, and since when that is reckoned. */
export interface Measured {
  /** Requests that got through for each that the pace permits; for each millisecond where it has no limit. */
  used: number
  /** Rows that one of them gets done. */
  rowsEach: number
  /** The moment from which what is left takes as long as that says; it may lie ahead, at the end of a pause. Null at first. */
  from: number | null
  /** Rows that ended since that moment. */
  endedSince: number
  /** The share of the time in which nobody had to pause. */
  flowing: number
}

/** Marks are made this often, and kept for so long. */
const markEveryMs = 1000
const keptMs = 600_000
const minuteMs = 60_000

/**
 * Measures a run: the requests of the last minute, and the rows that get done for each request that the pace permits.
 * Pauses that come again count in whole rounds, from the end of one to the end of another, or a run would seem fast before
 * each pause and slow after it.
 */
export class Meter {
  readonly #sums: Mark = {
    at: 0,
    left: 0,
    paced: 0,
    permitted: 0,
    answered: 0,
    turnedBack: 0,
    ended: 0,
    done: 0,
    pausedMs: 0,
    pausedPermits: 0,
  }
  /** Oldest first; the first one is from when the first request left. */
  #marks: Mark[] = []
  /** Marks from the ends of pauses. */
  #rounds: Mark[] = []
  #lastAt = 0
  #signs: PaceSigns = { lasting: null, pausedUntil: 0, isHeldUp: false }

  /** Lets the time pass. */
  pass(now: number): void {
    if (this.#marks.length === 0) return
    const { pausedUntil } = this.#signs
    if (pausedUntil > this.#sums.at && pausedUntil <= now) {
      Object.assign(this.#sums, this.#grown(pausedUntil))
      this.#rounds = [...recent(this.#rounds, now), { ...this.#sums }]
    }
    Object.assign(this.#sums, this.#grown(now))
    if (now - (this.#marks.at(-1)?.at ?? 0) < markEveryMs) return
    this.#marks = [...recent(this.#marks, now), { ...this.#sums }]
  }

  /** From now on this holds. */
  note(signs: PaceSigns): void {
    this.#signs = signs
  }

  left(now: number): void {
    if (this.#marks.length === 0) {
      this.#sums.at = now
      this.#marks.push({ ...this.#sums })
    }
    this.#sums.left++
    if (!this.#signs.isHeldUp) this.#sums.paced++
    this.#lastAt = now
  }

  /** An answer of 429. */
  turnedBack(): void {
    this.#sums.turnedBack++
  }

  /** Another answer, or none. */
  answered(): void {
    this.#sums.answered++
  }

  /** A row has ended; `counts` where it tells how many rows an answer gets done. */
  ended(counts: boolean): void {
    this.#sums.ended++
    if (counts) this.#sums.done++
  }

  /** Requests of the last minute; before there is a whole one, as many as it would be. */
  get perMinute(): number {
    const { at, left } = this.#sums
    const [first] = this.#marks
    if (first === undefined || left < 2) return left
    const before = this.#marks.findLast(mark => mark.at <= at - minuteMs)
    if (before !== undefined) return ((left - before.left) * minuteMs) / (at - before.at)
    return ((left - 1) * minuteMs) / Math.max(1, this.#lastAt - first.at)
  }

  get measured(): Measured {
    const { from, to, recurs } = this.#span()
    const paced = to.paced - from.paced - (to.turnedBack - from.turnedBack)
    // A pause that came once says nothing of what comes.
    const permits = (mark: Mark) => mark.permitted - (recurs ? 0 : mark.pausedPermits)
    const permitted = permits(to) - permits(from)
    const pausedMs = recurs ? to.pausedMs - from.pausedMs : 0
    const used = permitted > 0 ? paced / permitted : 1
    const answered = to.answered - from.answered
    return {
      used: Math.max(leastUse, this.#signs.lasting === null ? used : Math.min(1, used)),
      rowsEach: answered > 0 ? Math.max(leastUse, (to.done - from.done) / answered) : 1,
      from: this.#marks.length === 0 ? null : to.at,
      endedSince: this.#sums.ended - to.ended,
      flowing: Math.max(leastUse, 1 - pausedMs / Math.max(1, to.at - from.at)),
    }
  }

  /** The time that is representative of what comes. */
  #span(): { from: Mark; to: Mark; recurs: boolean } {
    const now = this.#sums
    const { pausedUntil } = this.#signs
    const pause = pausedUntil > now.at ? [this.#grown(pausedUntil)] : []
    const rounds = [...this.#rounds, ...pause]
    const [first, last] = [rounds[0], rounds.at(-1)]
    if (first === undefined || last === undefined || first === last) {
      return { from: this.#marks[0] ?? now, to: pause[0] ?? now, recurs: false }
    }
    const round = (last.at - first.at) / (rounds.length - 1)
    // Where a pause is overdue, the time since the last one counts as well.
    return { from: first, to: now.at - last.at > overdue * round ? now : last, recurs: true }
  }

  /** The sums as they are at a moment from now, if nothing happens until then. */
  #grown(until: number): Mark {
    const sums = this.#sums
    const { lasting, pausedUntil, isHeldUp } = this.#signs
    const at = Math.max(sums.at, until)
    const permitted = isHeldUp ? 0 : (at - sums.at) * (lasting ?? 1)
    const pausedMs = Math.max(0, Math.min(at, pausedUntil) - sums.at)
    const pausedPermits = at > sums.at ? (permitted * pausedMs) / (at - sums.at) : 0
    return {
      ...sums,
      at,
      permitted: sums.permitted + permitted,
      pausedMs: sums.pausedMs + pausedMs,
      pausedPermits: sums.pausedPermits + pausedPermits,
    }
  }
}

/** Rounds are not of equal length; one that takes this much longer than the others is no round. */
const overdue = 1.25
/** However badly it goes, something goes. */
const leastUse = 0.001

/** Those of the last minutes, and the one before them. */
function recent(marks: Mark[], now: number): Mark[] {
  const first = marks.findIndex(({ at }) => at > now - keptMs)
  return first <= 0 ? marks : marks.slice(first - 1)
}

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
