import type { Exchange } from '../model/exchange.ts'
import { stopOf } from '../model/exit.ts'
import type { TrackObject } from '../model/track-object.ts'
import { Blocked, type Cause, sayBlocked } from './blocked.ts'
import { type Claim, claimOf } from './claim.ts'
import type { Delivery, LanePolicy, LookedUp } from './delivery.ts'
import type { Request } from './request.ts'
import { isRefusal } from './retry.ts'
import { type Earlier, totalsOf } from './task.ts'

/** Reports the end of every object, and keeps in mind what it means for those behind it. */
export class Endings {
  readonly #delivery: Delivery
  /** What must not be sent any more, by the policies. */
  readonly #blocked = new Blocked()
  /** What an earlier request may still be changing, although the policy is to go on. */
  readonly #clouded = new Blocked()

  constructor(delivery: Delivery) {
    this.#delivery = delivery
    for (const left of delivery.unsettled) this.#remember(claimOf(left, delivery.order), left.outcome, left)
  }

  /** The row that keeps a request from ever leaving. */
  causeOf(request: Request): Cause | undefined {
    return this.#blocked.causeOf(request)
  }

  isClouded(request: Request): boolean {
    return this.#clouded.causeOf(request) !== undefined
  }

  /** What waits behind a row that is held is held as well. */
  hold(request: Request, cause: Cause): void {
    this.#blocked.add(request, cause)
    if (request.lastDoubt !== null) return this.settle(request, request.lastDoubt)
    for (const task of request.tasks) this.#unsent(task.object, totalsOf(task), 'held', sayBlocked(cause))
  }

  settle(request: Request, exchange: Exchange): void {
    const outcome = exchange.inDoubt ? 'unknown' : isRefusal(exchange) ? 'rejected' : null
    if (outcome !== null)
      for (const { claim, object } of request.tasks) this.#remember(claim, outcome, object)
    this.#delivery.settled(request.objects, exchange, request.asked)
  }

  /** A look at the profile has told how its objects ended. */
  lookedUp(request: Request, { outcome, record }: LookedUp & { do: 'end' }): void {
    if (outcome === 'unknown')
      for (const { claim, object } of request.tasks) this.#remember(claim, outcome, object)
    record()
  }

  /** The run stopped before the request's turn, or before its next attempt. */
  leaveBehind(request: Request): void {
    if (request.lastDoubt !== null) return this.settle(request, request.lastDoubt)
    for (const task of request.tasks) this.notSent(task.object, totalsOf(task))
  }

  /** `done` is what was done for the object so far. */
  notSent(object: TrackObject, done: Earlier = { attempts: 0, doubts: 0 }): void {
    const { message } = stopOf(this.#delivery.stop.signal)
    this.#unsent(object, done, 'not_sent', message)
  }

  /** What left once and may have been applied is unknown, whatever keeps it from leaving again. */
  #unsent(object: TrackObject, done: Earlier, outcome: 'held' | 'not_sent', message: string): void {
    this.#delivery.unsent(object, done.doubts > 0 ? 'unknown' : outcome, message, done.attempts)
  }

  #remember(claim: Claim, outcome: 'unknown' | 'rejected', cause: Cause): void {
    const { afterUnknown, afterRejected } = this.#delivery
    const policy: LanePolicy = outcome === 'unknown' ? afterUnknown : afterRejected
    if (policy === 'hold') this.#blocked.add(claim, cause)
    else if (outcome === 'unknown') this.#clouded.add(claim, cause)
  }
}
