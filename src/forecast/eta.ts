import type { Clock } from '../model/clock.ts'
import type { Busiest } from '../model/plan.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { RateLimit } from '../rate-limit/rate-limit.ts'
import { markOf } from './hot-users.ts'
import { drainMs, type Stretch } from './simulate.ts'
import { Mean, Meter } from './throughput.ts'

/** How fast a run goes, and when it will have ended. */
export interface Sight {
  /** Requests of the last minute. */
  perMinute: number
  /** Milliseconds since 1970; null where there is nothing left to send. */
  endsAt: number | null
}

/** One of the busiest users, as far as this process has got with it. */
interface Busy {
  /** Its rows that were not read yet when the run was planned, stretch by stretch. */
  rows: readonly number[]
  /** Rows that are read and have not ended, and requests in flight for them. */
  here: number
  inFlight: number
  /** When its next row became free to leave; 0 where there is none. */
  freeAt: number
  /** The wait of such a row for its permit, and for its answer. */
  permitMs: Mean
  answerMs: Mean
  /** Answers that were none of 429, and rows that ended by them. */
  answered: number
  ended: number
}

/** What the outlook is made with. */
export interface OutlookOptions {
  clock: Clock
  rateLimit: Pick<RateLimit, 'lasting' | 'pausedUntil'>
  readAhead: number
  /** As the plan found them; undefined where rows of one user need not go one at a time. */
  busiest: Busiest | undefined
}

/** The end is reckoned anew this often. */
const reckonEveryMs = 2000

/**
 * When a run will have ended: what is left, at the pace that it is permitted and has been able to use. The rows of a user
 * go one at a time, so users of many rows are followed one by one.
 */
export class Outlook {
  readonly #clock: Clock
  readonly #rateLimit: OutlookOptions['rateLimit']
  readonly #readAhead: number
  readonly #every: number
  readonly #rows: readonly number[]
  readonly #busy: ReadonlyMap<string, Busy>
  readonly #meter = new Meter()
  readonly #answerMs = new Mean()
  /** Objects that were read, those among them that have not ended, and requests in flight. */
  #read = 0
  #here = 0
  #inFlight = 0
  #reckonedAt = Number.NEGATIVE_INFINITY
  #endsAt: number | null = null

  constructor({ clock, rateLimit, readAhead, busiest }: OutlookOptions) {
    this.#clock = clock
    this.#rateLimit = rateLimit
    this.#readAhead = readAhead
    this.#every = busiest?.every ?? 1
    this.#rows = busiest?.rows ?? []
    this.#busy = new Map(
      busiest?.users.map(({ user, rows }) => {
        const times = { freeAt: 0, permitMs: new Mean(), answerMs: new Mean() }
        return [user, { rows, here: 0, inFlight: 0, answered: 0, ended: 0, ...times }]
      }),
    )
  }

  /** An object that is to be sent was read; those before it that never came are done with. */
  read(object: TrackObject): void {
    this.#happens(() => {
      this.#read = object.seq + 1
      this.#here++
      const busy = this.#busyOf(object)
      if (busy !== undefined) busy.here++
    })
  }

  /** A request leaves. */
  left(object: TrackObject): void {
    this.#happens(now => {
      this.#meter.left(now)
      this.#inFlight++
      const busy = this.#busyOf(object)
      if (busy === undefined) return
      busy.inFlight++
      // A row that waits for longer than a permit takes was not the next one.
      const waited = now - busy.freeAt
      if (busy.freeAt > 0 && waited * (this.#rateLimit.lasting() ?? 0) <= 1) busy.permitMs.add(waited)
      busy.freeAt = 0
    })
  }

  /** It was answered after so long, by a 429 or otherwise, or its answer was lost. */
  came(object: TrackObject, ms: number, isTurnedBack: boolean): void {
    this.#happens(() => {
      this.#inFlight--
      const busy = this.#busyOf(object)
      if (busy !== undefined) busy.inFlight--
      if (isTurnedBack) return this.#meter.turnedBack()
      this.#answerMs.add(ms)
      if (busy === undefined) return this.#meter.answered()
      busy.answerMs.add(ms)
      busy.answered++
    })
  }

  /** An object that was to be sent has ended, by being sent or otherwise. */
  ended(object: TrackObject, wasSent: boolean): void {
    this.#happens(now => {
      this.#here--
      const busy = this.#busyOf(object)
      this.#meter.ended(wasSent && busy === undefined)
      if (busy === undefined) return
      if (wasSent) busy.ended++
      busy.here--
      busy.freeAt = busy.here > 0 && busy.inFlight === 0 ? now : 0
    })
  }

  /** What is to be seen of the end, where so many rows are still to be sent. */
  sight(left: number): Sight {
    this.#happens(now => {
      if (left > 0 && now - this.#reckonedAt < reckonEveryMs) return
      this.#reckonedAt = now
      this.#endsAt = left === 0 ? null : this.#reckon(now, left)
    })
    return { perMinute: this.#meter.perMinute, endsAt: this.#endsAt }
  }

  #reckon(now: number, left: number): number {
    const { used, rowsEach, flowing, from, endedSince } = this.#meter.measured
    const perMs = (this.#rateLimit.lasting() ?? 1) * used
    const users = [...this.#busy.values()]
    const cycles = users.map(user => ({
      answerMs: Math.max(1, user.answerMs.unlessLike(this.#answerMs) / flowing),
      permitMs: Math.min(user.permitMs.value, 1 / perMs) / flowing,
      rowsEach: user.answered > 0 && user.ended > 0 ? user.ended / user.answered : 1,
    }))
    // Rows of a user who has nothing under way and was not the next one wait for older rows of others.
    const isNext = users.map(({ inFlight, freeAt }) => inFlight > 0 || freeAt > 0)
    const here = users.map(user => user.here - user.inFlight)
    const waiting = [
      { busy: users.map(() => 0), others: endedSince },
      { busy: here.map((rows, i) => (isNext[i] === true ? rows : 0)), others: this.#othersHere() },
      { busy: here.map((rows, i) => (isNext[i] === true ? 0 : rows)), others: 0 },
    ]
    const ahead = this.#ahead(Math.max(0, left - this.#here))
    const toSend = { waiting, ahead, readAhead: this.#readAhead + endedSince }
    const lastLeavesAt = Math.max(now, (from ?? now) + drainMs(toSend, { perMs, rowsEach, cycles }))
    return lastLeavesAt + this.#answerMs.value
  }

  /** The rows that are not read yet. Those that end otherwise than by being sent are thought to lie among all others. */
  #ahead(unread: number): Stretch[] {
    const users = [...this.#busy.values()]
    const stretches = this.#rows.map((rows, i) => {
      const part = Math.min(1, Math.max(0, i + 1 - this.#read / this.#every))
      const busy = users.map(user => (user.rows[i] ?? 0) * part)
      return { busy, others: rows * part - busy.reduce((sum, one) => sum + one, 0) }
    })
    const all = stretches.reduce((sum, { busy, others }) => busy.reduce((a, b) => a + b, sum + others), 0)
    if (all === 0) return [{ busy: users.map(() => 0), others: unread }]
    const share = unread / all
    return stretches.map(({ busy, others }) => {
      return { busy: busy.map(rows => rows * share), others: Math.max(0, others * share) }
    })
  }

  #othersHere(): number {
    let others = this.#here - this.#inFlight
    for (const { here, inFlight } of this.#busy.values()) others -= here - inFlight
    return Math.max(0, others)
  }

  /** The time up to now was as it was said to be; from now on it may be otherwise. */
  #happens(change: (now: number) => void): void {
    const now = this.#clock.now()
    this.#meter.pass(now)
    change(now)
    const isFree = [...this.#busy.values()].some(({ here, inFlight }) => here > 0 && inFlight === 0)
    const isHeldUp = this.#busy.size > 0 && !isFree && this.#othersHere() === 0
    const [lasting, pausedUntil] = [this.#rateLimit.lasting(), this.#rateLimit.pausedUntil()]
    this.#meter.note({ lasting, pausedUntil, isHeldUp })
  }

  #busyOf({ user }: TrackObject): Busy | undefined {
    return this.#busy.size === 0 ? undefined : this.#busy.get(markOf(user))
  }
}
