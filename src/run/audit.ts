import type { Readings } from '../braze/assumptions.ts'
import { Signal } from '../deliver/read-ahead.ts'
import { Pace } from '../forecast/pace.ts'
import { sentObject } from '../journal/to-entry.ts'
import { type Stop, stopOf } from '../model/exit.ts'
import type { Kind } from '../model/kind.ts'
import type { Look, Unseen } from '../model/observation.ts'
import type { Outcome } from '../model/outcome.ts'
import type { PlannedRun } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import { Count, type Progress } from '../model/progress.ts'
import type { TrackObject } from '../model/track-object.ts'
import { judgeLook } from '../reconcile/judge-look.ts'
import type { Judgement } from '../reconcile/reconcile.ts'
import { AskedIndex } from './asked-index.ts'
import type { AuditSource } from './profiles.ts'
import type { Over, Start } from './stages.ts'
import { RecentLooks } from './recent-looks.ts'
import { readingsOf } from './survey.ts'

/** An object to be compared with its profile. */
export type Audited = TrackObject & {
  /** When it was sent, where that is known. */
  sentAt?: number
  /** Why there is nothing to compare. */
  notStored?: string
}

/** All objects in input order; read twice. */
export type Objects = () => AsyncIterable<Audited[]>

/** Objects that are being looked at at the same time, and how large their records may be altogether, in bytes. */
const underWayMax = 5000
const bytesMax = 64 * 1024 * 1024
/** The reader may be so many objects in front of the oldest: whoever reads the journal has to hold them. */
const spanMax = 20_000
/** So many objects in a row whose profiles could not be read, and no other is tried. */
const failuresMax = 1000

/** Compares every object with its profile as it is now. Nothing is written to the API. */
export async function auditObjects(
  start: Start,
  planned: PlannedRun,
  source: AuditSource,
  objects: Objects,
): Promise<Over> {
  const { options, folder, stop } = start
  const index = new AskedIndex(planned.objects)
  const auditor = new Auditor(start, planned, source, index)
  let read = 0
  let isCut = false
  try {
    options.onStart?.(auditor.progress, folder)
    for await (const batch of objects()) {
      if (stop.signal.aborted) break
      for (const object of batch) if (isCompared(object)) index.add(object)
    }
    for await (const batch of objects()) {
      read += batch.length
      await auditor.compare(batch)
    }
  } catch (error) {
    // Input that has changed stops the audit; what was read of it is compared.
    if (!(error instanceof TrackSyncError)) throw error
    isCut = true
    stop.abort({ exit: 'stopped', message: error.message, ...nextOf(error) } satisfies Stop)
  } finally {
    await auditor.untilQuiet()
    await source.close()
  }
  auditor.rethrow()
  // A run that ended early has fewer objects than were planned, however well this one goes.
  const unread = planned.objects - read
  const isStopped = stop.signal.aborted && (isCut || auditor.leftBehind > 0)
  return { waitedForLanesMs: 0, unread, stopped: isStopped ? stopOf(stop.signal) : null }
}

function nextOf({ next }: TrackSyncError): { next?: string } {
  return next === undefined ? {} : { next }
}

function isCompared({ problems, notStored }: Audited): boolean {
  return problems.length === 0 && notStored === undefined
}

class Auditor {
  readonly #start: Start
  readonly #source: AuditSource
  readonly #looks: RecentLooks
  readonly #index: AskedIndex
  readonly #readings: Readings
  readonly #count: Count
  readonly #pace = new Pace()
  readonly #changed = new Signal()
  /** In input order. */
  readonly #underWay = new Set<number>()
  #bytes = 0
  #failures = 0
  #broken: { error: unknown } | undefined
  /** Objects that a stop kept from being compared. */
  leftBehind = 0

  constructor(start: Start, planned: PlannedRun, source: AuditSource, index: AskedIndex) {
    this.#start = start
    this.#source = source
    this.#looks = new RecentLooks(source)
    this.#index = index
    this.#readings = readingsOf(start.options)
    this.#count = new Count(planned.objects, planned.invalid, start.clock.now(), 'audit')
  }

  get progress(): Progress {
    const { progress } = this.#count
    return {
      ...progress,
      ...this.#pace.estimate(this.#start.clock.now(), progress.left),
      outcomes: { ...progress.outcomes },
      waitingForLookup: this.#underWay.size,
      lookups: this.#source.requests ?? 0,
    }
  }

  /** Resolves when there is room for more. */
  async compare(objects: readonly Audited[]): Promise<void> {
    this.#pace.begin(this.#start.clock.now())
    for (const object of objects) {
      if (!isCompared(object)) {
        this.#leave(object)
        continue
      }
      while (this.#isFull(object)) await this.#changed.raised()
      this.#underWay.add(object.seq)
      this.#bytes += object.raw.length
      this.#compare(object).catch((error: unknown) => this.#broke(error))
    }
  }

  async untilQuiet(): Promise<void> {
    this.#looks.hurry()
    while (this.#underWay.size > 0) await this.#changed.raised()
  }

  /** Throws what broke a comparison, if anything did. */
  rethrow(): void {
    if (this.#broken !== undefined) throw this.#broken.error
  }

  #broke(error: unknown): void {
    this.#broken ??= { error }
    this.#start.stop.abort(error)
  }

  #isFull({ seq }: Audited): boolean {
    const [oldest = seq] = this.#underWay
    return this.#underWay.size >= underWayMax || this.#bytes >= bytesMax || seq - oldest >= spanMax
  }

  /** There is nothing to compare. */
  #leave(object: Audited): void {
    const { journal } = this.#start
    const { problems, notStored = '' } = object
    if (problems.length > 0) journal.invalid(object)
    else journal.unsent(object, 'not_sent', notStored)
    this.#ended(problems.length > 0 ? 'invalid' : 'not_sent')
  }

  async #compare(object: Audited): Promise<void> {
    const { journal, stop } = this.#start
    const { user, seq, raw } = object
    const { aborted } = stop.signal
    const look = aborted ? undefined : await this.#looks.look({ user, fields: [...this.#index.fields] })
    this.#underWay.delete(seq)
    this.#bytes -= raw.length
    this.#changed.raise()
    if (look === undefined || ('unseen' in look && look.unseen.why !== 'failed')) {
      this.leftBehind++
      journal.unsent(object, 'not_sent', look?.unseen.message ?? stopOf(stop.signal).message)
      return this.#ended('not_sent')
    }
    const end = this.#judge(object, look)
    journal.observed(seq, { end }, { object: sentObject(object), attempts: 0 })
    this.#ended(end.outcome)
    this.#watch('unseen' in look ? look.unseen : undefined)
  }

  #judge(object: Audited, look: Look): Judgement {
    const { sentAt } = object
    const index = this.#index
    const view = {
      ...(sentAt === undefined ? {} : { sentAt }),
      readings: this.#readings,
      expected: (kind: Kind, name: string) => ({
        before: undefined,
        adds: kind === 'attributes' ? 0 : index.addsOf(object, name),
      }),
      isOverwritten: (field: string) => index.isOverwritten(object, field),
    }
    return judgeLook(object, look, view, this.#source.inExport)
  }

  /** Where nothing can be read any more, trying it for each of millions of rows would take days. */
  #watch(failure: Unseen | undefined): void {
    const { stop } = this.#start
    this.#failures = failure === undefined ? 0 : this.#failures + 1
    if (failure === undefined || this.#failures < failuresMax || stop.signal.aborted) return
    const message = `The profiles of ${failuresMax} rows in a row could not be read. ${failure.message}`
    const next = 'Find out why, then start the audit again.'
    stop.abort({ exit: 'stopped', message, next } satisfies Stop)
  }

  #ended(outcome: Outcome): void {
    this.#count.ended(outcome)
    this.#pace.ended(this.#start.clock.now())
    this.#start.options.onProgress?.(this.progress)
  }
}
