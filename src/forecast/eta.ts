import type { Clock } from '../model/clock.ts'
import type { Busiest } from '../model/plan.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { RateLimit } from '../rate-limit/rate-limit.ts'
import { hashUser } from './hot-users.ts'
import { simulate, type Stretch } from './simulate.ts'
import { Mean, Throughput } from './throughput.ts'

/** How fast a run goes, and when it will end. */
export interface Estimate {
  /** Requests in the last minute. */
  perMinute: number
  /** Milliseconds since 1970; null where nothing is left to send. */
  endsAt: number | null
}

/** A hot user, as far as this process has got with it. */
interface HotUser {
  /** Its rows in each stretch of the plan. */
  rows: readonly number[]
  /** Rows that have been read and not settled, and requests in flight for them. */
  open: number
  inFlight: number
  answerMs: Mean
  /** Answers other than 429, and rows settled by them. */
  answers: number
  settled: number
}

export interface EtaOptions {
  clock: Clock
  rateLimit: Pick<RateLimit, 'lasting' | 'pausedUntil'>
  readAhead: number
  /** The plan's hot users; undefined where rows of one user need not go one at a time. */
  hotUsers: Busiest | undefined
}

const updateEveryMs = 2000
/** Until a user has this many answers, the latency of all requests is the better estimate of its own. */
const priorAnswers = 50

/**
 * Estimates when a run will end: from what is left, its rate limit, and how much of that it has been able to use so far.
 * The rows of a user go one at a time, so users with many rows are tracked individually.
 */
export class Eta {
  readonly #clock: Clock
  readonly #rateLimit: EtaOptions['rateLimit']
  readonly #readAhead: number
  readonly #every: number
  readonly #rows: readonly number[]
  readonly #hotUsers: ReadonlyMap<string, HotUser>
  readonly #throughput = new Throughput()
  readonly #answerMs = new Mean()
  /** Objects read so far, those of them not settled yet, and requests in flight. */
  #read = 0
  #open = 0
  #inFlight = 0
  #updatedAt = Number.NEGATIVE_INFINITY
  #endsAt: number | null = null

  constructor({ clock, rateLimit, readAhead, hotUsers }: EtaOptions) {
    this.#clock = clock
    this.#rateLimit = rateLimit
    this.#readAhead = readAhead
    this.#every = hotUsers?.every ?? 1
    this.#rows = hotUsers?.rows ?? []
    this.#hotUsers = new Map(
      hotUsers?.users.map(({ user, rows }) => {
        return [user, { rows, open: 0, inFlight: 0, answerMs: new Mean(), answers: 0, settled: 0 }]
      }),
    )
    this.#record(() => {})
  }

  /** An object to send was read; objects before it that were not passed in need not be sent. */
  read(object: TrackObject): void {
    this.#record(() => {
      this.#read = object.seq + 1
      this.#open++
      const hot = this.#hotUser(object)
      if (hot !== undefined) hot.open++
    })
  }

  sent(object: TrackObject): void {
    this.#record(now => {
      this.#throughput.sent(now)
      this.#inFlight++
      const hot = this.#hotUser(object)
      if (hot !== undefined) hot.inFlight++
    })
  }

  /** The request was answered, or its answer was lost, after `ms` milliseconds. */
  answered(object: TrackObject, ms: number, isRateLimited: boolean): void {
    this.#record(() => {
      this.#inFlight--
      const hot = this.#hotUser(object)
      if (hot !== undefined) hot.inFlight--
      if (isRateLimited) return this.#throughput.rateLimited()
      this.#answerMs.add(ms)
      if (hot === undefined) return this.#throughput.answered()
      hot.answerMs.add(ms)
      hot.answers++
    })
  }

  /** An object has its outcome, whether or not it was sent. */
  settled(object: TrackObject, wasSent: boolean): void {
    this.#record(() => {
      this.#open--
      const hot = this.#hotUser(object)
      if (hot !== undefined) hot.open--
      if (!wasSent) return
      if (hot === undefined) this.#throughput.settled()
      else hot.settled++
    })
  }

  /** The estimate while this many rows have no outcome yet. */
  estimate(remaining: number): Estimate {
    this.#record(now => {
      if (remaining > 0 && now - this.#updatedAt < updateEveryMs) return
      this.#updatedAt = now
      this.#endsAt = remaining === 0 ? null : this.#estimateEnd(now, remaining)
    })
    return { perMinute: this.#throughput.perMinute, endsAt: this.#endsAt }
  }

  #estimateEnd(now: number, remaining: number): number {
    const { perMs, rowsPerRequest } = this.#throughput
    const users = [...this.#hotUsers.values()]
    const hot = users.map(({ answerMs, answers, settled }) => ({
      answerMs: answerMs.withPrior(this.#answerMs.value, priorAnswers),
      permitMs: 0.5 / perMs,
      rowsPerRequest: answers > 0 && settled > 0 ? settled / answers : 1,
    }))
    // Until its first row is sent, everything that a hot user has waiting is younger than what others have.
    const hasStarted = ({ inFlight, answers }: HotUser) => inFlight + answers > 0
    const rows = users.map(({ open, inFlight }) => open - inFlight)
    const waiting = [
      { hot: users.map((user, i) => (hasStarted(user) ? (rows[i] ?? 0) : 0)), others: this.#othersWaiting() },
      { hot: users.map((user, i) => (hasStarted(user) ? 0 : (rows[i] ?? 0))), others: 0 },
    ]
    const unread = this.#unread(Math.max(0, remaining - this.#open))
    const backlog = { waiting, unread, readAhead: this.#readAhead }
    const runningMs = simulate(backlog, { perMs, rowsPerRequest, hot })
    const startsAt = Math.max(now, this.#rateLimit.pausedUntil())
    return startsAt + runningMs + this.#throughput.pauseMsIn(runningMs) + this.#answerMs.value
  }

  /** The rows not read yet, spread as planned. Those that will not be sent are assumed to lie among all others. */
  #unread(rows: number): Stretch[] {
    const users = [...this.#hotUsers.values()]
    const stretches = this.#rows.map((planned, i) => {
      const part = Math.min(1, Math.max(0, i + 1 - this.#read / this.#every))
      return { planned: planned * part, hot: users.map(user => (user.rows[i] ?? 0) * part) }
    })
    const all = stretches.reduce((sum, { planned }) => sum + planned, 0)
    if (all === 0) return [{ hot: users.map(() => 0), others: rows }]
    const share = rows / all
    return stretches.map(({ planned, hot }) => {
      const others = hot.reduce((sum, count) => sum - count, planned)
      return { hot: hot.map(count => count * share), others: Math.max(0, others * share) }
    })
  }

  #othersWaiting(): number {
    let others = this.#open - this.#inFlight
    for (const { open, inFlight } of this.#hotUsers.values()) others -= open - inFlight
    return Math.max(0, others)
  }

  /** Counts the time up to now under the old conditions before something changes. */
  #record(change: (now: number) => void): void {
    const now = this.#clock.now()
    this.#throughput.advance(now)
    change(now)
    const isFree = [...this.#hotUsers.values()].some(({ open, inFlight }) => open > 0 && inFlight === 0)
    const isHeldUp = this.#hotUsers.size > 0 && !isFree && this.#othersWaiting() === 0
    const [permittedPerMs, pausedUntil] = [this.#rateLimit.lasting(), this.#rateLimit.pausedUntil()]
    this.#throughput.setConditions({ permittedPerMs, pausedUntil, isHeldUp })
  }

  #hotUser({ user }: TrackObject): HotUser | undefined {
    return this.#hotUsers.size === 0 ? undefined : this.#hotUsers.get(hashUser(user))
  }
}
