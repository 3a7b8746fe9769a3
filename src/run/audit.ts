import type { Readings } from '../braze/assumptions.ts'
import { exportFieldsFor } from '../braze/export-fields.ts'
import { valuesOf } from '../braze/values.ts'
import { Signal } from '../deliver/read-ahead.ts'
import { Pace } from '../forecast/pace.ts'
import { sentObject } from '../journal/to-entry.ts'
import { stopOf } from '../model/exit.ts'
import type { Look, Observation, ProfileSource, Unseen } from '../model/observation.ts'
import type { Outcome } from '../model/outcome.ts'
import type { PlannedRun } from '../model/plan.ts'
import { Count, type Progress } from '../model/progress.ts'
import type { TrackObject } from '../model/track-object.ts'
import { outcomeOf } from '../model/verdict.ts'
import { judgeProfile } from '../reconcile/judge-profile.ts'
import type { Judgement } from '../reconcile/reconcile.ts'
import { AskedIndex } from './asked-index.ts'
import type { Profiles } from './profiles.ts'
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
type Objects = () => AsyncIterable<Audited[]>

/** Objects that are being looked at at the same time. */
const underWayMax = 5000

/** Compares every object with its profile as it is now. Nothing is written to the API. */
export async function auditObjects(
  start: Start,
  planned: PlannedRun,
  profiles: Profiles,
  objects: Objects,
): Promise<Over> {
  const { options, folder, stop } = start
  const source = await profiles.open(start)
  try {
    const auditor = new Auditor(start, planned, new RecentLooks(source), () => source.requests ?? 0)
    options.onStart?.(auditor.progress, folder)
    const index = new AskedIndex()
    for await (const batch of objects()) {
      if (stop.signal.aborted) break
      for (const object of batch) if (isCompared(object)) index.add(object)
    }
    let read = 0
    for await (const batch of objects()) {
      read += batch.length
      await auditor.compare(batch, index)
    }
    await auditor.untilQuiet()
    const stopped = stop.signal.aborted && auditor.leftBehind > 0 ? stopOf(stop.signal) : null
    return { waitedForLanesMs: 0, unread: planned.objects - read, stopped }
  } finally {
    await source.close()
  }
}

function isCompared({ problems, notStored }: Audited): boolean {
  return problems.length === 0 && notStored === undefined
}

class Auditor {
  readonly #start: Start
  readonly #source: ProfileSource
  readonly #readings: Readings
  readonly #count: Count
  readonly #pace = new Pace()
  readonly #lookups: () => number
  readonly #changed = new Signal()
  #underWay = 0
  /** Objects that a stop kept from being compared. */
  leftBehind = 0

  /** `lookups`: how many requests have read profiles. */
  constructor(start: Start, planned: PlannedRun, source: ProfileSource, lookups: () => number) {
    this.#start = start
    this.#source = source
    this.#lookups = lookups
    this.#readings = readingsOf(start.options)
    this.#count = new Count(planned.objects, planned.invalid, start.clock.now(), 'audit')
  }

  get progress(): Progress {
    const { progress } = this.#count
    return {
      ...progress,
      ...this.#pace.estimate(this.#start.clock.now(), progress.left),
      outcomes: { ...progress.outcomes },
      waitingForLookup: this.#underWay,
      lookups: this.#lookups(),
    }
  }

  /** Resolves when there is room for more. */
  async compare(objects: readonly Audited[], index: AskedIndex): Promise<void> {
    const { journal, clock } = this.#start
    this.#pace.begin(clock.now())
    for (const object of objects) {
      const { problems, notStored } = object
      if (problems.length > 0) journal.invalid(object)
      else if (notStored !== undefined) journal.unsent(object, 'not_sent', notStored)
      if (!isCompared(object)) {
        this.#ended(problems.length > 0 ? 'invalid' : 'not_sent')
        continue
      }
      this.#underWay++
      void this.#compare(object, index)
      while (this.#underWay >= underWayMax) await this.#changed.raised()
    }
  }

  async untilQuiet(): Promise<void> {
    while (this.#underWay > 0) await this.#changed.raised()
  }

  async #compare(object: Audited, index: AskedIndex): Promise<void> {
    const { journal, stop } = this.#start
    const { kind, user, body, seq } = object
    const fields = kind === null ? [] : exportFieldsFor(kind, body)
    const { aborted } = stop.signal
    const look = aborted ? stoppedBy(stop) : await this.#source.look({ user, fields })
    this.#underWay--
    this.#changed.raise()
    if ('unseen' in look && look.unseen.why !== 'failed') {
      this.leftBehind++
      journal.unsent(object, 'not_sent', look.unseen.message)
      return this.#ended('not_sent')
    }
    const end = 'unseen' in look ? notRead(object, look.unseen) : this.#judge(object, look.seen, index)
    journal.observed(seq, { end }, { object: sentObject(object), attempts: 0 })
    this.#ended(end.outcome)
  }

  #judge(object: Audited, seen: Observation, index: AskedIndex): Judgement {
    const { sentAt } = object
    const { reasons, user, message } = judgeProfile(object, seen, {
      at: seen.at,
      ...(sentAt === undefined ? {} : { sentAt }),
      readings: this.#readings,
      expected: (kind, name) => ({
        before: undefined,
        adds: kind === 'attributes' ? 0 : index.addsOf(object, name),
      }),
      isOverwritten: field => index.isOverwritten(object, field),
      repeated: false,
    })
    return { outcome: outcomeOf(reasons), reasons, user, message }
  }

  #ended(outcome: Outcome): void {
    this.#count.ended(outcome)
    this.#pace.ended(this.#start.clock.now())
    this.#start.options.onProgress?.(this.progress)
  }
}

function stoppedBy({ signal }: AbortController): Look {
  return { unseen: { why: 'stopped', message: stopOf(signal).message } }
}

/** The profile could not be read. */
function notRead({ kind, body }: Audited, { message }: Unseen): Judgement {
  const reasons = kind === null ? [] : valuesOf(kind, body).map(() => 'lookup_failed' as const)
  return { outcome: 'unknown', reasons, user: null, message }
}
