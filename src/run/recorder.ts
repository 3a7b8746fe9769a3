import type { Leaving } from '../deliver/delivery.ts'
import type { Eta } from '../forecast/eta.ts'
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
import { forget, type Memory, reconcile } from '../reconcile/reconcile.ts'

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
  onProgress: ((progress: Progress) => void) | undefined
}

/**
 * Writes down what the delivery reports: in the journal, in the run's counts and memory, and in what the progress is made
 * of. It stops the run when the error budget is spent.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #count: Count
  /** The next object to be read. */
  #nextSeq = 0
  #spent: Stop | undefined

  constructor(options: RecorderOptions) {
    this.#options = options
    const { planned, clock } = options
    this.#count = new Count(planned.objects, planned.invalid, clock.now())
  }

  get progress(): Progress {
    const { progress } = this.#count
    const { eta, pausedUntil } = this.#options
    const outcomes = { ...progress.outcomes }
    return { ...progress, ...eta.estimate(progress.left), outcomes, pausedUntil: pausedUntil() }
  }

  get unread(): number {
    return this.#options.planned.objects - this.#nextSeq
  }

  endedBefore(outcome: Outcome): void {
    this.#count.endedBefore(outcome)
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
    const { journal, clock, memory, readings, eta } = this.#options
    const [leader] = objects
    this.#countResponse(leader, exchange)
    const whole = reconcile(asked, exchange, clock.now(), memory, readings)
    for (const [i, judged] of shareOut(objects, asked, whole).entries()) {
      const object = objects[i]
      if (leader === undefined || object === undefined) continue
      journal.settled(object, leader, exchange, judged)
      eta.settled(object, true)
      this.#ended(judged.outcome)
    }
  }

  unsent(object: TrackObject, outcome: 'held' | 'not_sent' | 'unknown', message: string): void {
    const { journal, memory, eta } = this.#options
    // The journal has its requests, and that no response says what became of them.
    if (outcome === 'unknown') forget(object, memory)
    else journal.unsent(object, outcome, message)
    eta.settled(object, false)
    this.#ended(outcome)
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
