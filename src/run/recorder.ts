import type { Leaving, LookedUp } from '../deliver/delivery.ts'
import type { Eta } from '../forecast/eta.ts'
import type { Observed } from '../journal/to-entry.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Clock } from '../model/clock.ts'
import type { Exchange } from '../model/exchange.ts'
import { type Stop, stopOf } from '../model/exit.ts'
import type { Outcome } from '../model/outcome.ts'
import type { PlannedRun } from '../model/plan.ts'
import { Count, type ErrorBudget, type Progress } from '../model/progress.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { Readings } from '../braze/assumptions.ts'
import { shareOut } from '../reconcile/per-object.ts'
import { type Asked, forget, judge, type Judgement, type Memory, reconcile } from '../reconcile/reconcile.ts'
import type { Before, Doubts, Found } from './doubts.ts'
import type { Lookups } from './lookup-source.ts'
import { needsLook, type Verification, type Waiting } from './verification.ts'

/** What a recorder works with. */
export interface RecorderOptions {
  clock: Clock
  stop: AbortController
  planned: PlannedRun
  journal: JournalWriter
  memory: Memory
  readings: Readings
  eta: Eta
  maxErrors: ErrorBudget
  pausedUntil: () => number
  lookups: Lookups
  doubts: Doubts
  /** Nothing is sent but what a lookup shows as not applied. */
  onlyUnknown: boolean
  onProgress: ((progress: Progress) => void) | undefined
}

/**
 * Writes down what the delivery reports: in the journal, in the run's counts and memory, and in what the progress is made
 * of. It stops the run when the error budget is spent.
 */
export class Recorder {
  readonly #options: RecorderOptions
  #count: Count
  /** Looks up what responses do not show; undefined where that is not asked for. */
  verification: Verification | undefined
  /** The next object to be read. */
  #nextSeq = 0
  #spent: Stop | undefined
  /** Objects in doubt whose profile is being looked at, and those of them that this process has sent. */
  #inDoubt = 0
  #sentInDoubt = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#count = this.#newCount()
  }

  #newCount(): Count {
    const { planned, clock } = this.#options
    return new Count(planned.objects, planned.invalid, clock.now())
  }

  get progress(): Progress {
    const { progress } = this.#count
    const { eta, pausedUntil, lookups, onlyUnknown } = this.#options
    const left = onlyUnknown ? 0 : progress.left - this.#sentInDoubt
    return {
      ...progress,
      ...eta.estimate(left),
      left,
      outcomes: { ...progress.outcomes },
      pausedUntil: pausedUntil(),
      waitingForLookup: this.#inDoubt + (this.verification?.waiting ?? 0),
      lookups: lookups.requests,
      settledBy: this.verification?.settledBy ?? null,
      lookupsDenied: lookups.denied ?? null,
    }
  }

  get unread(): number {
    return this.#options.planned.objects - this.#nextSeq
  }

  /** What earlier processes of the run brought to an end counts. */
  takeOver(outcomes: Iterable<Outcome>): void {
    this.#count = this.#newCount()
    for (const outcome of outcomes) this.#count.endedBefore(outcome)
  }

  wasRead({ seq }: TrackObject): void {
    this.#nextSeq = seq + 1
  }

  /** Resolves to false where the journal cannot take it: the request must not leave. */
  async sending(leaving: Leaving[]): Promise<boolean> {
    const { journal, stop, eta } = this.#options
    try {
      await journal.sending(leaving)
    } catch (error) {
      // A journal that cannot be written has stopped the run.
      if (stop.signal.aborted) return false
      throw error
    }
    this.#count.progress.requests++
    if (leaving[0] !== undefined) eta.sent(leaving[0].object)
    return true
  }

  failed(objects: TrackObject[], exchange: Exchange): void {
    this.#options.journal.failed(objects, exchange)
    this.#countResponse(objects[0], exchange)
    this.#report()
  }

  settled(objects: TrackObject[], exchange: Exchange, asked: TrackObject): void {
    const { journal, clock, memory, readings } = this.#options
    const [leader] = objects
    this.#countResponse(leader, exchange)
    const since = clock.now()
    const sentAt = since - exchange.durationMs
    const whole = reconcile(asked, exchange, since, memory, readings)
    for (const [i, judged] of shareOut(objects, asked, whole).entries()) {
      const object = objects[i]
      if (leader === undefined || object === undefined) continue
      const { seq, kind, user, body } = object
      const looksUp = this.verification !== undefined && needsLook(object, judged)
      journal.settled(object, leader, exchange, judged, looksUp)
      if (looksUp) this.verification?.add({ seq, asked: { kind, user, body }, answer: judged, sentAt, since })
      this.#settledAs(object, judged.outcome)
    }
  }

  /**
   * Looks at the profile of objects whose response was lost, before they are given up. Null where no look was possible:
   * then they end as the exchange left them.
   */
  async inDoubt(objects: TrackObject[], exchange: Exchange, asked: TrackObject): Promise<LookedUp | null> {
    const { journal, clock, memory, readings, doubts } = this.#options
    const lostAt = clock.now()
    // Of several attempts nobody knows which was applied.
    const loss = exchange.doubts === 1 ? { lostAt, sentAt: lostAt - exchange.durationMs } : { lostAt }
    const before: Before = (kind, name) => memory.last(asked.user, kind, name)
    this.#sentInDoubt += objects.length
    const found = await this.whileLooking(objects.length, () => doubts.settle(asked, before, loss))
    this.#sentInDoubt -= objects.length
    if (found === null) return null
    this.failed(objects, exchange)
    if (found.applied === 'no') {
      for (const { seq } of objects) journal.observed(seq, { applied: false })
      return { do: 'again' }
    }
    const whole = found.applied === 'yes' ? found.judged : undecided(asked, exchange, memory, readings)
    const record = () => {
      if (found.applied === 'yes') teach(asked, found, memory)
      else forget(asked, memory)
      for (const [i, end] of shareOut(objects, asked, whole).entries()) {
        const object = objects[i]
        if (object === undefined) continue
        journal.observed(object.seq, { end })
        this.#settledAs(object, end.outcome)
      }
    }
    return { do: 'end', outcome: whole.outcome, record }
  }

  /** Counts objects as waiting for a look. */
  async whileLooking<Result>(objects: number, look: () => Promise<Result>): Promise<Result> {
    this.#inDoubt += objects
    this.#report()
    try {
      return await look()
    } finally {
      this.#inDoubt -= objects
    }
  }

  /** What a look says of an object that a response had ended. */
  observed({ seq, answer, earlier }: Waiting, observed: Observed): void {
    this.#options.journal.observed(seq, observed, earlier)
    if (observed !== 'nothing' && 'end' in observed) this.#count.changed(answer.outcome, observed.end.outcome)
    this.watchBudget()
    this.#report()
  }

  unsent(object: TrackObject, outcome: 'held' | 'not_sent' | 'unknown', message: string): void {
    const { journal, memory, eta } = this.#options
    // The journal has its requests, and that no response says what became of them.
    if (outcome === 'unknown') forget(object, memory)
    else journal.unsent(object, outcome, message)
    eta.settled(object, false)
    this.#ended(outcome)
    this.verification?.ended(object.seq, object, outcome === 'unknown')
  }

  invalid(object: TrackObject): void {
    this.#options.journal.invalid(object)
    this.#ended('invalid')
  }

  unchanged(object: TrackObject, message: string): void {
    this.#options.journal.unchanged(object, message)
    this.#ended('unchanged')
  }

  waitedForLanes(ms: number): void {
    this.#count.progress.waitedForLanesMs += ms
  }

  /** Stops the run where its errors have used up what they may. */
  watchBudget(): void {
    const { stop, maxErrors } = this.#options
    const over = stop.signal.aborted ? undefined : this.#count.overBudget(maxErrors)
    if (over === undefined) return
    this.#spent = over
    stop.abort(over)
  }

  /**
   * Why the run ended early; null where it did not. A spent budget, or somebody who wants to stop, keeps rows from being
   * sent; where all had left, they stop nothing.
   */
  stopAfter(leftBehind: number): Stop | null {
    const { stop, maxErrors } = this.#options
    const reason = stop.signal.aborted ? stopOf(stop.signal) : null
    const isOfRows = reason === this.#spent || reason?.exit === 'interrupted' || reason?.exit === 'terminated'
    if (reason === null || (isOfRows && leftBehind === 0 && this.unread === 0)) return null
    if (reason !== this.#spent) return reason
    // What was in flight may have failed as well, so only now is it known what a resume needs.
    return { ...reason, resumeWith: { 'max-errors': String(this.#count.furtherBudget(maxErrors)) } }
  }

  #settledAs(object: TrackObject, outcome: Outcome): void {
    this.#options.eta.settled(object, true)
    this.#ended(outcome)
    this.verification?.ended(object.seq, object, outcome !== 'rejected')
  }

  #ended(outcome: Outcome): void {
    this.#count.ended(outcome)
    this.watchBudget()
    this.#report()
  }

  #countResponse(leader: TrackObject | undefined, { result, durationMs }: Exchange): void {
    const isLimited = 'answer' in result && result.answer.status === 429
    if (isLimited) this.#count.progress.rateLimited++
    if (leader !== undefined) this.#options.eta.answered(leader, durationMs, isLimited)
  }

  #report(): void {
    const { onProgress } = this.#options
    if (onProgress !== undefined) onProgress(this.progress)
  }
}

/** What was seen of an object that proves to have been applied is known from now on. */
export function teach(
  { kind, user }: Asked,
  { sightings }: Found & { applied: 'yes' },
  memory: Memory,
): void {
  if (kind !== null) memory.learn({ user, kind, sightings })
}

/** What is said of objects that a look could not settle. */
function undecided(asked: Asked, exchange: Exchange, memory: Memory, readings: Readings): Judgement {
  const { judgement } = judge(asked, exchange, 0, memory, readings)
  return { ...judgement, message: `${judgement.message}; the profile does not show whether it was applied` }
}
