import type { Readings } from '../braze/assumptions.ts'
import { exportFieldOf, exportFieldsFor } from '../braze/export-fields.ts'
import { occurrenceField } from '../braze/fields.ts'
import { valuesOf } from '../braze/values.ts'
import { Signal } from '../deliver/read-ahead.ts'
import { type Earlier, type Observed, writtenFields } from '../journal/to-entry.ts'
import { DueQueue, nextLookAt } from '../lookup/due.ts'
import type { Clock } from '../model/clock.ts'
import { textOf } from '../model/json.ts'
import type { Look, Observation, ProfileSource } from '../model/observation.ts'
import { outcomeOf } from '../model/verdict.ts'
import { judgeProfile } from '../reconcile/judge-profile.ts'
import type { Asked, Judgement } from '../reconcile/reconcile.ts'
import { atSettle, combine, isFinal, isLeftToProfile } from '../reconcile/settle.ts'
import { addedBy } from './asked-index.ts'

/** An object that a response ended, and whose profile is to be looked up. */
export interface Waiting {
  seq: number
  asked: Asked
  /** What the response said. */
  answer: Judgement
  /** When it was sent, where that is known, and when it was accepted. */
  sentAt?: number
  since: number
  /** Where an earlier process sent it. */
  earlier?: Earlier
}

export interface VerificationOptions {
  source: ProfileSource
  clock: Clock
  settleMs: number
  readings: Readings
  /** Aborted, it looks no more; what waits then is left to a resume. */
  signal: AbortSignal
  /** What a look says of an object. */
  observed: (waiting: Waiting, observed: Observed) => void
}

/** Objects that wait for a lookup at most. Beyond that nothing more is read until some have been looked up. */
const waitingMax = 50_000

interface Pending extends Waiting {
  /** Its attributes that a later row of the user has set since. */
  overwritten: Set<string>
}

/** A user with rows under way, or with rows that wait for a look. */
interface Person {
  user: string
  /** Rows that were read and have not ended. */
  underWay: number
  pending: Pending[]
  /** Of each attribute the one that set it last. */
  writers: Map<string, Pending>
  /** When its latest row was accepted, and whether it was looked up since. */
  acceptedAt: number
  isLookedUp: boolean
  isLooking: boolean
}

/** Whether a look at the profile can say more of an object than the response did. */
export function needsLook({ kind, body }: Asked, { outcome, reasons }: Judgement): boolean {
  if (kind === null || outcome === 'rejected' || outcome === 'unknown') return false
  return valuesOf(kind, body).some(({ field }, i) => {
    const reason = reasons[i]
    if (reason === undefined || !isLeftToProfile(reason)) return false
    if (kind === 'attributes') return exportFieldOf(field) !== undefined
    return field === occurrenceField[kind] || field === 'time'
  })
}

/**
 * Looks up each user once none of its rows are under way any more, and judges what the responses did not show. A user whose
 * values do not show yet is looked up again, until the settle time is over.
 */
export class Verification {
  readonly #options: VerificationOptions
  readonly #people = new Map<string, Person>()
  readonly #due = new DueQueue<Person>()
  readonly #changed = new Signal()
  #waiting = 0
  /** When the latest of all objects was accepted. */
  #latestSince = 0
  /** Nothing more will be read, so no look waits for others to share its request. */
  #isUrgent = false
  #isOver = false

  constructor(options: VerificationOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#changed.raise())
    void this.#lookWhenDue()
  }

  /** Objects that wait for a look. */
  get waiting(): number {
    return this.#waiting
  }

  /** When the last of them is looked up for the last time at the latest; null if none waits. */
  get settledBy(): number | null {
    return this.#waiting === 0 ? null : this.#latestSince + this.#options.settleMs
  }

  /** A row was read and will be sent. */
  read({ user }: Asked): void {
    const person = this.#personOf(user)
    person.underWay++
    this.#due.remove(person)
  }

  /** An object was accepted; its row ends next. */
  add(waiting: Waiting): void {
    const person = this.#personOf(waiting.asked.user)
    person.pending.push({ ...waiting, overwritten: new Set() })
    person.acceptedAt = Math.max(person.acceptedAt, waiting.since)
    person.isLookedUp = false
    this.#latestSince = Math.max(this.#latestSince, waiting.since)
    this.#waiting++
  }

  /** A row has ended. `wrote`: what it asked for may be on the profile. */
  ended(seq: number, asked: Asked, wrote: boolean): void {
    const person = this.#people.get(asked.user)
    if (person === undefined) return
    person.underWay--
    if (wrote) overwrite(person, seq, asked)
    this.#schedule(person)
  }

  /** Objects of earlier processes are looked up like those of this one. */
  takeOver(waiting: Waiting): void {
    this.add(waiting)
    this.#schedule(this.#personOf(waiting.asked.user))
  }

  /** Waits until there is room for more objects. */
  async untilRoom(): Promise<void> {
    while (this.#waiting >= waitingMax && !this.#options.signal.aborted) await this.#changed.raised()
  }

  /** Everything was sent. Waits until all that waits has been looked up, or the run is stopped. */
  async finish(): Promise<void> {
    this.#isUrgent = true
    this.#changed.raise()
    while (this.#waiting > 0 && !this.#options.signal.aborted) await this.#changed.raised()
    this.#isOver = true
    this.#changed.raise()
  }

  #personOf(user: string): Person {
    const known = this.#people.get(user)
    if (known !== undefined) return known
    const nothing = { underWay: 0, pending: [], acceptedAt: 0, isLookedUp: false, isLooking: false }
    const person: Person = { user, writers: new Map(), ...nothing }
    this.#people.set(user, person)
    return person
  }

  #schedule(person: Person): void {
    const { underWay, pending, isLooking } = person
    if (underWay > 0 || isLooking) return
    if (pending.length === 0) return void this.#people.delete(person.user)
    this.#due.add(person, this.#nextLookAt(person))
    this.#changed.raise()
  }

  #nextLookAt({ pending, acceptedAt, isLookedUp }: Person): number {
    const { clock, settleMs } = this.#options
    if (!isLookedUp) return nextLookAt(acceptedAt, acceptedAt, settleMs) ?? acceptedAt
    const now = clock.now()
    return Math.min(...pending.map(({ since }) => nextLookAt(since, now, settleMs) ?? now))
  }

  async #lookWhenDue(): Promise<void> {
    const { clock, signal } = this.#options
    while (!this.#isOver && !signal.aborted) {
      for (const person of this.#due.takeDue(clock.now())) void this.#look(person)
      const { nextAt } = this.#due
      const woken = new AbortController()
      const changed = this.#changed.raised()
      const waits = nextAt === null ? [] : [clock.sleep(Math.max(0, nextAt - clock.now()), woken.signal)]
      await Promise.race([changed, ...waits])
      woken.abort()
    }
  }

  async #look(person: Person): Promise<void> {
    const fields = person.pending.flatMap(({ asked: { kind, body } }) =>
      kind === null ? [] : exportFieldsFor(kind, body),
    )
    const wanted = { user: person.user, fields: [...new Set(fields)] }
    person.isLooking = true
    const look = await this.#options.source.look(wanted, this.#isUrgent)
    person.isLooking = false
    if (this.#options.signal.aborted) return
    person.isLookedUp = true
    // Rows that were read meanwhile may write over what was seen; the look still holds for what it shows as requested.
    const adds = addsOf(person.pending)
    person.pending = person.pending.filter(pending => !this.#judge(pending, look, adds))
    this.#schedule(person)
    this.#changed.raise()
  }

  /** True where the object needs no further look. */
  #judge(pending: Pending, look: Look, adds: ReadonlyMap<string, number>): boolean {
    const { settleMs, observed } = this.#options
    const seenAt = 'seen' in look ? look.seen.at : this.#options.clock.now()
    if (seenAt < pending.since) return false
    const isOver = seenAt >= pending.since + settleMs
    const observation = 'seen' in look ? this.#observe(pending, look.seen, adds, isOver) : null
    if (observation === null && !isOver) return false
    this.#waiting--
    observed(pending, observation === null ? 'nothing' : { end: observation })
    return true
  }

  /** What a look says of an object; null where a later one may say otherwise. */
  #observe(
    { asked, answer, overwritten, sentAt }: Pending,
    seen: Observation,
    adds: ReadonlyMap<string, number>,
    isOver: boolean,
  ): Judgement | null {
    const { readings } = this.#options
    const found = judgeProfile(asked, seen, {
      at: seen.at,
      readings,
      expected: (kind, name) => ({ before: undefined, adds: adds.get(`${kind} ${name}`) ?? 0 }),
      isOverwritten: field => overwritten.has(field),
      repeated: false,
      ...(sentAt === undefined ? {} : { sentAt }),
    })
    // What the response showed stays as it is; what it did not show may take a while to show in the profile.
    const isOpen = answer.reasons.map(isLeftToProfile)
    const reasons = combine(answer.reasons, found.reasons)
    if (!isOver && !reasons.every((reason, i) => isOpen[i] !== true || isFinal(reason))) return null
    const settled = reasons.map((reason, i) => (isOpen[i] === true ? atSettle(reason) : reason))
    const user = found.user === null ? answer.user : { ...answer.user, ...found.user }
    const message = [answer.message, found.message].filter(text => text !== '').join('; ')
    return { outcome: outcomeOf(settled), reasons: settled, user, message }
  }
}

/** A row sets anew what earlier rows of the user set. */
function overwrite({ pending, writers }: Person, seq: number, asked: Asked): void {
  const latest = pending.at(-1)
  const own = latest?.seq === seq ? latest : undefined
  for (const field of writtenFields(asked)) {
    writers.get(field)?.overwritten.add(field)
    if (own === undefined) writers.delete(field)
    else writers.set(field, own)
  }
}

/** How often the rows that wait add to each event and product. */
function addsOf(pending: readonly Pending[]): Map<string, number> {
  const adds = new Map<string, number>()
  for (const { asked } of pending) {
    const { kind, body } = asked
    if (kind !== 'events' && kind !== 'purchases') continue
    const name = textOf(body[occurrenceField[kind]])
    const key = `${kind} ${name}`
    adds.set(key, (adds.get(key) ?? 0) + addedBy(asked, name))
  }
  return adds
}
