import type { Readings } from '../braze/assumptions.ts'
import { exportFieldsFor } from '../braze/export-fields.ts'
import { nextLookAt } from '../lookup/due.ts'
import type { Clock } from '../model/clock.ts'
import type { Kind } from '../model/kind.ts'
import type { Observation, ProfileSource } from '../model/observation.ts'
import { outcomeOf } from '../model/verdict.ts'
import { appliedBy } from '../reconcile/in-doubt.ts'
import { judgeProfile, type ProfileJudgement } from '../reconcile/judge-profile.ts'
import type { Asked, Judgement } from '../reconcile/reconcile.ts'
import { addedBy } from './asked-index.ts'

/** What a profile held before an object that is in doubt, by kind and name. */
export type Before = (kind: Kind, name: string) => number | undefined

/** When an object in doubt was lost, in milliseconds since 1970; and when it was sent, where it was sent only once. */
export interface Loss {
  lostAt: number
  sentAt?: number
}

/** What looks say of an object in doubt: it was applied, it was not, or nobody can tell. */
export type Found =
  | { applied: 'yes'; judged: Judgement; sightings: ProfileJudgement['sightings'] }
  | { applied: 'no' }
  | { applied: 'unknown' }

export interface DoubtsOptions {
  /** Null where no profile is to be read. */
  source: ProfileSource | null
  clock: Clock
  settleMs: number
  readings: Readings
  signal: AbortSignal
}

/**
 * Settles objects whose response was lost, by looking at their profiles. What the profile shows as requested was applied.
 * What it does not show may still come, so it is looked at again until the settle time is over; then it was not applied.
 */
export class Doubts {
  readonly #options: DoubtsOptions

  constructor(options: DoubtsOptions) {
    this.#options = options
  }

  /**
   * Null where no look was possible. Without patience it is
   * looked at only once, and without delay.
   */
  async settle(asked: Asked, before: Before, loss: Loss, isPatient = true): Promise<Found | null> {
    const { source, clock, settleMs, readings, signal } = this.#options
    const fields = asked.kind === null ? [] : exportFieldsFor(asked.kind, asked.body)
    if (source === null || fields.length === 0) return null
    const { lostAt, ...sent } = loss
    for (;;) {
      const now = clock.now()
      const dueAt = (isPatient ? nextLookAt(lostAt, now, settleMs) : null) ?? now
      if (dueAt > now) await clock.sleep(dueAt - now, signal)
      if (signal.aborted) return null
      const look = await source.look({ user: asked.user, fields }, true)
      if ('unseen' in look) return null
      const isSettled = look.seen.at - lostAt >= settleMs
      const applied = appliedBy(asked, look.seen, { before, isSettled, readings, ...sent })
      if (applied === 'yes') return this.#judged(asked, look.seen, before, sent)
      if (applied !== 'wait') return { applied }
      if (!isPatient) return { applied: 'unknown' }
    }
  }

  #judged(asked: Asked, seen: Observation, before: Before, sent: Pick<Loss, 'sentAt'>): Found {
    const { readings } = this.#options
    const { reasons, user, message, sightings } = judgeProfile(asked, seen, {
      at: seen.at,
      readings,
      expected: (kind, name) => ({ before: before(kind, name), adds: addedBy(asked, name) }),
      isOverwritten: () => false,
      repeated: false,
      ...sent,
    })
    return { applied: 'yes', judged: { outcome: outcomeOf(reasons), reasons, user, message }, sightings }
  }
}
