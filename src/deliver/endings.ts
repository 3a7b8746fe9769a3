import type { Exchange } from '../model/exchange.ts'
import { stopOf } from '../model/exit.ts'
import type { TrackObject } from '../model/track-object.ts'
import { type Cause, Holds, sayHold } from './blocked.ts'
import { whoAndWhat } from './claim.ts'
import { coalesced } from './coalesce.ts'
import type { Delivery, LanePolicy } from './delivery.ts'
import { isRefusal } from './retry.ts'
import { doneFor, type Earlier, group, objectsOf, type Task } from './task.ts'

/** Tells the end of every object, and keeps in mind what it means for those behind it. */
export class Endings {
  readonly #delivery: Delivery
  /** What must not be sent any more, by the policies. */
  readonly #blocked = new Holds()
  /** What an earlier request may still be changing, although the policy is to go on. */
  readonly #clouded = new Holds()

  constructor(delivery: Delivery) {
    this.#delivery = delivery
    for (const left of delivery.unsettled)
      this.#remember(whoAndWhat(left, delivery.order), left.outcome, left)
  }

  /** The row that a task has to wait for, for good. */
  causeOf(task: Task): Cause | undefined {
    return this.#blocked.causeOf(task)
  }

  isClouded(task: Task): boolean {
    return this.#clouded.causeOf(task) !== undefined
  }

  /** What waits behind a row that is held is held as well. */
  hold(task: Task, cause: Cause): void {
    this.#blocked.add(task, cause)
    if (task.untold !== null) return this.settle(task, task.untold)
    this.#unsent(task.object, doneFor(task), 'held', sayHold(cause))
  }

  settle(task: Task, exchange: Exchange): void {
    const outcome = exchange.inDoubt ? 'unknown' : isRefusal(exchange) ? 'rejected' : null
    if (outcome !== null) for (const one of group(task)) this.#remember(one, outcome, one.object)
    const objects = objectsOf(task)
    this.#delivery.settled(objects, exchange, coalesced(objects))
  }

  /** The run stopped before the task's turn, or before its next attempt. */
  leaveBehind(task: Task): void {
    if (task.untold !== null) return this.settle(task, task.untold)
    for (const one of group(task)) this.notSent(one.object, doneFor(one))
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

  #remember(claim: { who: string[]; what: string[] }, outcome: 'unknown' | 'rejected', cause: Cause): void {
    const { afterUnknown, afterRejected } = this.#delivery
    const policy: LanePolicy = outcome === 'unknown' ? afterUnknown : afterRejected
    if (policy === 'hold') this.#blocked.add(claim, cause)
    else if (outcome === 'unknown') this.#clouded.add(claim, cause)
  }
}
