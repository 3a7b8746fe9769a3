import { isIdempotent } from '../braze/idempotency.ts'
import type { Exchange } from '../model/exchange.ts'
import type { TrackObject } from '../model/track-object.ts'
import { backoffMs } from '../rate-limit/rate-limit.ts'
import type { Delivery } from './delivery.ts'
import type { Endings } from './endings.ts'
import { Health } from './health.ts'
import type { Request } from './request.ts'
import { isRefusal, nextStep } from './retry.ts'

/** The result of an attempt. */
export type Attempted =
  /** The request did not leave, because the run stops. */
  | { do: 'stay' }
  /** This was the end of its objects. */
  | { do: 'end'; exchange: Exchange }
  /** One of several objects is at fault and must not cost the others: each is sent again by itself. */
  | { do: 'part'; exchange: Exchange }
  /** It is sent again, after a backoff where it says so. */
  | { do: 'retry'; exchange: Exchange; backoff: boolean }

/** An object may be left in doubt this often before it stays there; a 429 or a refused connection leaves no doubt. */
const doubtsMax = 8

/** Makes requests, one at a time for each, and decides what follows from the response. */
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
  async make(request: Request): Promise<Attempted> {
    const { sending, host, replay, stop } = this.#delivery
    const leaving = request.tasks.map(({ object, attempts, earlier }) => {
      return { object, attempt: earlier.attempts + attempts + 1, first: attempts === 0 }
    })
    if (!(await sending(leaving))) return { do: 'stay' }
    const exchange = await this.#exchange(request)
    const { result } = exchange
    const next = nextStep(result, host, request.endpoint)
    if (next.do === 'doubt') request.countDoubt()
    exchange.doubts = request.totals.doubts
    exchange.inDoubt = exchange.doubts > 0 && next.do !== 'settle'
    const dead = this.#health.saw(result, request.attempts, this.#delivery.clock.now())
    const end = next.do === 'stop' ? next.stop : dead
    if (end !== undefined) stop.abort(end)
    if (next.do === 'settle') {
      return { do: request.joined.length > 0 && isRefusal(exchange) ? 'part' : 'end', exchange }
    }
    if (next.do === 'doubt' && !mayRepeat(request, replay)) return { do: 'end', exchange }
    return { do: 'retry', exchange, backoff: next.do === 'doubt' || (next.do === 'retry' && next.backoff) }
  }

  /** The wait before another attempt; each retry is paid from the run's budget. */
  async backOff(request: Request): Promise<void> {
    const { stop, clock, random } = this.#delivery
    const tooMany = stop.signal.aborted ? undefined : this.#health.retries()
    if (tooMany !== undefined) stop.abort(tooMany)
    await clock.sleep(backoffMs(++request.backoffs, random), stop.signal)
  }

  async #exchange(request: Request): Promise<Exchange> {
    const { post, clock, rateLimit, bodyForm } = this.#delivery
    request.countAttempt()
    const body = request.body(bodyForm)
    const leftAt = clock.now()
    const result = await post(body)
    if ('answer' in result) rateLimit.observe(result.answer, leftAt)
    return {
      result,
      attempts: request.totals.attempts,
      durationMs: clock.now() - leftAt,
      inDoubt: false,
      overlapped: request.overlapped || this.#endings.isClouded(request),
    }
  }
}

function mayRepeat(request: Request, replay: Delivery['replay']): boolean {
  if (request.tasks[0].doubts >= doubtsMax || replay === 'none') return false
  return replay === 'all' || request.objects.every(isHarmlessTwice)
}

function isHarmlessTwice({ kind, body }: TrackObject): boolean {
  return kind !== null && isIdempotent(kind, body)
}
