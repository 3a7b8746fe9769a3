import { isIdempotent } from '../braze/idempotency.ts'
import type { Exchange } from '../model/exchange.ts'
import type { TrackObject } from '../model/track-object.ts'
import { backoffMs } from '../rate-limit/backoff.ts'
import { coalesced } from './coalesce.ts'
import type { Delivery } from './delivery.ts'
import type { Endings } from './endings.ts'
import { Health } from './health.ts'
import { isRefusal, nextStep } from './retry.ts'
import { doubtsOf, group, objectsOf, type Task } from './task.ts'

/** What an attempt came to. */
export type Attempted =
  /** The request did not leave, because the run stops. */
  | { do: 'stay' }
  /** This was the end of its objects. */
  | { do: 'end'; exchange: Exchange }
  /** One of several rows is at fault, and must not cost the others: each goes once more by itself. */
  | { do: 'part'; exchange: Exchange }
  /** Once more, after a rest where it says so. */
  | { do: 'again'; exchange: Exchange; rest: boolean }

/** An object may be left in doubt so often before it stays there; a 429 or a refused connection leaves no doubt. */
const doubtsMax = 8

/** Makes requests, one at a time for a task, and decides what follows from each. */
export class Attempts {
  readonly #delivery: Delivery
  readonly #endings: Endings
  readonly #health: Health

  constructor(delivery: Delivery, endings: Endings) {
    this.#delivery = delivery
    this.#endings = endings
    this.#health = new Health(delivery.host, delivery.maxRetries, delivery.total)
  }

  /** One request and what follows; where the run cannot go on, it is stopped. */
  async make(task: Task): Promise<Attempted> {
    const { sending, host, replay, stop } = this.#delivery
    const leaving = group(task).map(({ object, attempts, earlier }) => {
      return { object, attempt: earlier.attempts + attempts + 1, first: attempts === 0 }
    })
    if (!(await sending(leaving))) return { do: 'stay' }
    const exchange = await this.#exchange(task)
    const { result } = exchange
    const next = nextStep(result, host)
    if (next.do === 'doubt') for (const one of group(task)) one.doubts++
    exchange.doubts = doubtsOf(task)
    exchange.inDoubt = exchange.doubts > 0 && next.do !== 'settle'
    const dead = this.#health.saw(result, task.attempts, this.#delivery.clock.now())
    const end = next.do === 'stop' ? next.stop : dead
    if (end !== undefined) stop.abort(end)
    if (next.do === 'settle') {
      return { do: task.riders.length > 0 && isRefusal(exchange) ? 'part' : 'end', exchange }
    }
    if (next.do === 'doubt' && !mayRepeat(task, replay)) return { do: 'end', exchange }
    return { do: 'again', exchange, rest: next.do === 'doubt' || (next.do === 'again' && next.rest) }
  }

  /** The wait before another attempt; each repeat is paid from the run's budget. */
  async rest(task: Task): Promise<void> {
    const { stop, clock, random } = this.#delivery
    const tooMany = stop.signal.aborted ? undefined : this.#health.repeats()
    if (tooMany !== undefined) stop.abort(tooMany)
    await clock.sleep(backoffMs(++task.rests, random), stop.signal)
  }

  async #exchange(task: Task): Promise<Exchange> {
    const { post, clock, pace, bodyForm } = this.#delivery
    for (const one of group(task)) one.attempts++
    const body = requestBody(coalesced(objectsOf(task)), bodyForm)
    const leftAt = clock.now()
    const result = await post(body)
    if ('answer' in result) pace.heed(result.answer, leftAt)
    return {
      result,
      attempts: task.earlier.attempts + task.attempts,
      durationMs: clock.now() - leftAt,
      inDoubt: false,
      overlapped: task.overlapped || this.#endings.isClouded(task),
    }
  }
}

function mayRepeat(task: Task, replay: Delivery['replay']): boolean {
  if (task.doubts >= doubtsMax || replay === 'none') return false
  return replay === 'all' || objectsOf(task).every(isHarmlessTwice)
}

function isHarmlessTwice({ kind, body }: TrackObject): boolean {
  return kind !== null && isIdempotent(kind, body)
}

function requestBody({ kind, body }: TrackObject, form: Delivery['bodyForm']): string {
  return JSON.stringify({ [kind ?? '']: form === 'array' ? [body] : body })
}
