/** Rows that lie beside each other in the input: of each of the busiest users, and of all others. */
export interface Stretch {
  busy: number[]
  others: number
}

/** What is still to be sent, in the order of the input. */
export interface ToSend {
  /** Rows that are read and wait, oldest first. */
  waiting: Stretch[]
  /** Rows that are not read yet. */
  ahead: Stretch[]
  /** Rows that wait at most; then nothing is read until one has left. */
  readAhead: number
}

/** How fast it can go. */
export interface Speed {
  /** Requests a millisecond that the pace permits in the long run, and the rows that one of them gets done. */
  perMs: number
  rowsEach: number
  cycles: Cycle[]
}

/** From one request of a busy user to the next. */
export interface Cycle {
  answerMs: number
  /** The wait for a permit where others have one before. */
  permitMs: number
  /** Rows that one such request gets done. */
  rowsEach: number
}

/** The input is looked at in parts of this share of what is read ahead, but a stretch in no more than so many. */
const grain = 1 / 16
const partsMax = 16
/** Less than this of a row is none. */
const nothing = 1e-6

/**
 * Milliseconds until all of it has left. The rows flow in order into what is read ahead, and leave it at the pace, the
 * oldest first. Those of a busy user go one at a time: they pile up there, hold back the reading, and may be all that is
 * left in the end.
 */
export function drainMs({ waiting, ahead, readAhead }: ToSend, speed: Speed): number {
  const queue = new Queue(speed)
  for (const stretch of waiting) for (const part of parts(stretch, readAhead)) queue.add(part)
  for (const stretch of ahead) {
    for (const part of parts(stretch, readAhead)) {
      queue.add(part)
      queue.flow(readAhead)
    }
  }
  queue.flow(0)
  return queue.ms
}

/** What is read ahead, and how it flows off. */
class Queue {
  ms = 0
  readonly #speed: Speed
  readonly #parts: Stretch[] = []
  /** The oldest part that holds rows of all others, and of each busy user. */
  #oldest = 0
  readonly #oldestBusy: number[]
  #rows = 0

  constructor(speed: Speed) {
    this.#speed = speed
    this.#oldestBusy = speed.cycles.map(() => 0)
  }

  add(part: Stretch): void {
    this.#parts.push(part)
    this.#rows += total(part)
  }

  /** Lets rows leave until so many are left, or none. */
  flow(until: number): void {
    while (this.#rows > until + nothing) {
      const { busy, others } = this.#speeds()
      const all = busy.reduce((sum, speed) => sum + speed, others)
      if (all <= 0) return
      const soonest = busy.map((speed, i) => (speed > 0 ? this.#headOf(i) / speed : Number.POSITIVE_INFINITY))
      if (others > 0) soonest.push((this.#parts[this.#oldest]?.others ?? 0) / others)
      const ms = Math.min((this.#rows - until) / all, ...soonest)
      this.ms += ms
      this.#rows -= ms * all
      const part = this.#parts[this.#oldest]
      if (part !== undefined) part.others = less(part.others, others * ms)
      for (const [i, speed] of busy.entries()) {
        const own = this.#parts[this.#ageOf(i)]
        if (speed > 0 && own !== undefined) own.busy[i] = less(own.busy[i] ?? 0, speed * ms)
      }
    }
  }

  /** Rows a millisecond that leave now, of each busy user and of all others: what is older goes first. */
  #speeds(): Stretch {
    const last = this.#parts.length - 1
    while (this.#oldest < last && (this.#parts[this.#oldest]?.others ?? 0) === 0) this.#oldest++
    const others = this.#parts[this.#oldest]?.others ?? 0
    const { perMs, rowsEach, cycles } = this.#speed
    const heads = cycles.map((_, i) => this.#headOf(i))
    const isBehind = heads.map((head, i) => head > 0 && (others === 0 || this.#ageOf(i) < this.#oldest))
    const asked = cycles.map(({ answerMs }, i) => (isBehind[i] === true ? Math.min(perMs, 1 / answerMs) : 0))
    const asking = asked.reduce((sum, one) => sum + one, 0)
    let free = perMs
    const busy = heads.map(() => 0)
    for (const [i, cycle] of [...cycles.entries()].toSorted(([a], [b]) => this.#ageOf(a) - this.#ageOf(b))) {
      if (isBehind[i] !== true) continue
      const crowd = others > 0 ? 1 : Math.min(1, (asking - (asked[i] ?? 0)) / perMs)
      const requests = Math.min(free, 1 / (cycle.answerMs + cycle.permitMs * crowd))
      busy[i] = requests * cycle.rowsEach
      free -= requests
    }
    if (others === 0) return { busy, others: 0 }
    // Those of the same age share what is left by their rows, as far as one at a time lets them.
    const needed = cycles.map((cycle, i) => {
      return this.#ageOf(i) === this.#oldest ? (heads[i] ?? 0) / cycle.rowsEach : 0
    })
    const all = needed.reduce((sum, one) => sum + one, others / rowsEach)
    let left = free
    for (const [i, { answerMs, permitMs, rowsEach: rows }] of cycles.entries()) {
      if (isBehind[i] === true) continue
      const requests = Math.min((free * (needed[i] ?? 0)) / all, 1 / (answerMs + permitMs))
      busy[i] = requests * rows
      left -= requests
    }
    return { busy, others: left * rowsEach }
  }

  #ageOf(i: number): number {
    return this.#oldestBusy[i] ?? 0
  }

  /** Rows of a busy user in the oldest part that holds any. */
  #headOf(i: number): number {
    let at = this.#ageOf(i)
    while (at < this.#parts.length && (this.#parts[at]?.busy[i] ?? 0) === 0) at++
    this.#oldestBusy[i] = at
    return this.#parts[at]?.busy[i] ?? 0
  }
}

function parts(stretch: Stretch, readAhead: number): Stretch[] {
  const count = Math.min(partsMax, Math.max(1, Math.ceil(total(stretch) / (readAhead * grain))))
  return Array.from({ length: count }, () => {
    return { busy: stretch.busy.map(rows => rows / count), others: stretch.others / count }
  })
}

function total({ busy, others }: Stretch): number {
  return busy.reduce((sum, rows) => sum + rows, others)
}

function less(rows: number, by: number): number {
  return rows - by < nothing ? 0 : rows - by
}
