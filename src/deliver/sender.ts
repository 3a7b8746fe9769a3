import type { Exchange } from '../model/exchange.ts'
import { stopOf } from '../model/exit.ts'
import { Attempts } from './attempt.ts'
import { coalescing, type JoinPolicy } from './coalesce.ts'
import type { Delivery } from './delivery.ts'
import type { Endings } from './endings.ts'
import type { Lanes } from './lanes.ts'
import type { ReadAhead, Signal } from './read-ahead.ts'
import type { Request } from './request.ts'

/** After a signal, what is in flight is waited for this long. The report follows, and all of it has to fit into 20 s. */
const signalPatienceMs = 15_000
/** A rate limit that makes nobody wait answers within this. */
const atOnceMs = 10

/**
 * Lets requests leave, and does what follows from each response. First the permit, then the row: each permit goes
 * to the oldest request that may leave at that moment.
 */
export class Sender {
  readonly #delivery: Delivery
  readonly #lanes: Lanes
  readonly #endings: Endings
  readonly #attempts: Attempts
  readonly #readAhead: ReadAhead
  readonly #changed: Signal
  readonly #failed: (error: unknown) => void
  /** Null where every object leaves by itself. */
  readonly #policy: JoinPolicy | null
  #inFlight = 0
  /** In flight, or waiting for the next attempt. */
  #underWay = 0
  /** Time in which only the lanes kept a request from leaving. */
  #starvedMs = 0

  constructor(
    delivery: Delivery,
    lanes: Lanes,
    endings: Endings,
    readAhead: ReadAhead,
    changed: Signal,
    failed: (error: unknown) => void,
  ) {
    this.#delivery = delivery
    this.#lanes = lanes
    this.#endings = endings
    this.#attempts = new Attempts(delivery, endings)
    this.#readAhead = readAhead
    this.#changed = changed
    this.#failed = failed
    this.#policy = delivery.coalesce ? coalescing(delivery.readings) : null
  }

  /** Until everything has ended, or the run is stopped. */
  async send(): Promise<void> {
    const { signal } = this.#delivery.stop
    while (!signal.aborted && (this.#readAhead.isReading || this.#lanes.size > 0)) {
      if (this.#holdNext()) continue
      if (this.#lanes.peek() === undefined || this.#inFlight >= this.#delivery.concurrency)
        await this.#untilChanged()
      else await this.#sendNext()
    }
  }

  /** Waits for what is under way; after a signal, not for ever. */
  async untilQuiet(): Promise<void> {
    const { stop, clock, hangUp } = this.#delivery
    const over = new AbortController()
    async function hangUpLate(): Promise<void> {
      await clock.sleep(signalPatienceMs, over.signal)
      if (!over.signal.aborted) hangUp()
    }
    if (isSignal(stop)) void hangUpLate()
    while (this.#underWay > 0) await this.#changed.raised()
    over.abort()
  }

  async #untilChanged(): Promise<void> {
    const { clock, concurrency } = this.#delivery
    const isStarved = this.#inFlight < concurrency && this.#readAhead.isFull()
    const since = clock.now()
    await this.#changed.raised()
    if (isStarved) this.#starvedMs += clock.now() - since
  }

  async #sendNext(): Promise<void> {
    const { rateLimit, stop, clock, waitedForLanes } = this.#delivery
    const askedAt = this.#starvedMs > 0 ? clock.now() : 0
    const permitted = rateLimit.acquire(stop.signal)
    if (permitted !== undefined) await permitted
    if (stop.signal.aborted) return
    // Only where the rate limit then made nobody wait was it the lanes that cost time.
    if (this.#starvedMs > 0 && clock.now() - askedAt < atOnceMs) waitedForLanes(this.#starvedMs)
    this.#starvedMs = 0
    // While the permit was on its way, the oldest row may have become one to hold.
    while (this.#holdNext());
    const request = this.#lanes.take()
    if (request !== undefined) this.#leave(request)
  }

  /** Holds the next request where it waits behind an unsettled row. True where it did. */
  #holdNext(): boolean {
    const next = this.#lanes.peek()
    const cause = next === undefined ? undefined : this.#endings.causeOf(next)
    const request = cause === undefined ? undefined : this.#lanes.take()
    if (request === undefined || cause === undefined) return false
    this.#end(request, () => this.#endings.hold(request, cause))
    return true
  }

  #leave(request: Request): void {
    const policy = this.#policy
    if (policy !== null && request.isFresh)
      this.#lanes.joinNext(request, next => {
        return this.#isFree(next) && policy(request.objects, next.tasks[0].object)
      })
    this.#inFlight++
    this.#underWay++
    const left = this.#attempt(request).catch(this.#failed)
    void left.then(() => {
      this.#underWay--
      this.#changed.raise()
    })
  }

  #isFree(next: Request): boolean {
    return next.isFresh && this.#endings.causeOf(next) === undefined
  }

  async #attempt(request: Request): Promise<void> {
    const { failed } = this.#delivery
    if (request.lastDoubt !== null) failed(request.objects, request.lastDoubt)
    request.lastDoubt = null
    const attempted = await this.#attempts.make(request)
    // Only now is there room for another request, or it would slip past the pause or the stop.
    this.#inFlight--
    this.#changed.raise()
    switch (attempted.do) {
      case 'stay':
        return this.#lanes.again(request)
      case 'end':
        return await this.#settle(request, attempted.exchange)
      case 'part':
        failed(request.objects, attempted.exchange)
        return this.#lanes.part(request)
      case 'retry':
        // One in doubt is the objects' end if the run stops before the next attempt, so it is reported when that is known.
        if (attempted.exchange.inDoubt) request.lastDoubt = attempted.exchange
        else failed(request.objects, attempted.exchange)
        if (attempted.backoff) await this.#attempts.backOff(request)
        return this.#lanes.again(request)
    }
  }

  /** What is in doubt is looked up before it is given up; meanwhile its lane waits. */
  async #settle(request: Request, exchange: Exchange): Promise<void> {
    const { inDoubt } = this.#delivery
    const found = exchange.inDoubt ? await inDoubt?.(request.objects, exchange, request.asked) : null
    if (found?.do === 'again') {
      request.forgetDoubts()
      return this.#lanes.again(request)
    }
    this.#end(request, () => {
      if (found?.do === 'end') this.#endings.lookedUp(request, found)
      else this.#endings.settle(request, exchange)
    })
  }

  /** The end is recorded before the lane is free, so that it is in the journal before the next request of the lane. */
  #end(request: Request, record: () => void): void {
    record()
    this.#lanes.done(request)
    this.#changed.raise()
  }
}

/** A signal asked this process to end. */
function isSignal({ signal }: AbortController): boolean {
  const stop = signal.aborted ? stopOf(signal) : null
  return stop?.exit === 'interrupted' || stop?.exit === 'terminated'
}
