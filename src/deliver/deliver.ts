import { setMaxListeners } from 'node:events'
import type { Exchange, Lost, Post } from '../model/exchange.ts'
import { harmlessTwice, type Replay } from '../model/replay.ts'
import type { Stop } from '../model/stop.ts'
import { rowLabel, type TrackObject } from '../model/track-object.ts'
import type { Clock } from './clock.ts'
import { Lanes, type Task } from './lanes.ts'
import type { Pace } from './pace.ts'
import { backoffMs, nextStep } from './retry.ts'

/** What happens to the later rows of a user when an earlier one did not end well. */
export type LanePolicy = 'hold' | 'continue'

/** What the delivery is given to work with, and whom it tells. */
export interface Delivery {
  post: Post
  pace: Pace
  clock: Clock
  random: () => number
  /** The host, for messages. */
  host: string
  /** Requests in flight at most. */
  concurrency: number
  /** Objects read ahead at most; the choice of who goes next is made among them. */
  readAhead: number
  bodyForm: 'array' | 'object'
  replay: Replay
  afterUnknown: LanePolicy
  afterRejected: LanePolicy
  /** The lanes an object belongs to. */
  lanesOf: (object: TrackObject) => string[]
  /** Aborted with a `Stop` as its reason, it ends the delivery: no new requests, those in flight are waited for. */
  stop: AbortController
  /** Called before a request leaves; it leaves when this resolves. */
  sending: (object: TrackObject, attempt: number) => Promise<void>
  /** An exchange that was not the object's end: it is tried again, or the run stops. */
  failed: (object: TrackObject, exchange: Exchange) => void
  /** The end of an object that was sent. */
  settled: (object: TrackObject, exchange: Exchange) => void
  /** The end of an object that was not sent, or was certainly not applied when the run stopped. */
  unsent: (object: TrackObject, outcome: 'held' | 'not_sent', message: string, attempts: number) => void
}

const attemptsMax = 8
/** A host that never answered counts as unreachable after so many attempts of one object; one that did, after silence. */
const firstAttemptsMax = 4
const firstFailuresMax = 5
const silenceMsMax = 5 * 60_000

/**
 * Sends every object and tells its end exactly once. First the permit, then the row: whoever gets a permit takes the
 * oldest object whose lanes are free at that moment.
 */
export async function deliver(objects: AsyncIterable<TrackObject[]>, delivery: Delivery): Promise<void> {
  const lanes = new Lanes()
  const blocked = new Map<string, TrackObject>()
  const { stop, clock, pace } = delivery
  const changed = new Signal()
  setMaxListeners(0, stop.signal)
  stop.signal.addEventListener('abort', () => changed.raise())
  let reading = true
  let inFlight = 0
  let resting = 0
  let failures = 0
  let lastAnswerAt: number | null = null

  async function read(): Promise<void> {
    for await (const batch of objects) {
      for (const object of batch) {
        while (lanes.size >= delivery.readAhead && !stop.signal.aborted) {
          changed.raise()
          await changed.next()
        }
        if (stop.signal.aborted) unsent(object, 0)
        else lanes.add({ object, lanes: delivery.lanesOf(object), attempts: 0, inDoubt: false })
      }
      changed.raise()
    }
  }

  async function send(): Promise<void> {
    while (!stop.signal.aborted && (reading || lanes.size > 0)) {
      const next = lanes.peek()
      if (next !== undefined && causeOfHold(next) !== undefined) hold(lanes.take())
      else if (next === undefined || inFlight >= delivery.concurrency) await changed.next()
      else {
        await pace.start(stop.signal)
        const task = stop.signal.aborted ? undefined : lanes.take()
        if (task === undefined) break
        inFlight++
        attempt(task).catch(broken)
      }
    }
  }

  async function attempt(task: Task): Promise<void> {
    const { object } = task
    task.attempts++
    const exchange = await exchangeFor(task).finally(() => {
      inFlight--
      changed.raise()
    })
    const { result } = exchange
    const next = nextStep(result, clock.now(), delivery.host)
    task.inDoubt = next.do === 'doubt' || (task.inDoubt && next.do !== 'settle')
    exchange.inDoubt = task.inDoubt
    if (next.do === 'stop') stop.abort(next.stop)
    if ('lost' in result) giveUpOnDeadHost(task, result.lost)
    if (next.do === 'settle' || (task.inDoubt && !mayRepeat(task))) return settle(task, exchange)
    delivery.failed(object, exchange)
    if (next.do === 'again' && next.pauseMs !== undefined) pace.pauseUntil(clock.now() + next.pauseMs)
    else await rest(task)
    if (!stop.signal.aborted) {
      lanes.again(task)
      return changed.raise()
    }
    if (task.inDoubt) return settle(task, exchange)
    end(task, () => delivery.unsent(object, 'not_sent', stopMessage(stop), task.attempts))
  }

  async function exchangeFor({ object, attempts }: Task): Promise<Exchange> {
    await delivery.sending(object, attempts)
    const leftAt = clock.now()
    const result = await delivery.post(requestBody(object, delivery.bodyForm))
    const now = clock.now()
    failures = 'lost' in result ? failures + 1 : 0
    if ('answer' in result) lastAnswerAt = now
    return { result, attempts, durationMs: now - leftAt, inDoubt: false }
  }

  async function rest({ attempts }: Task): Promise<void> {
    resting++
    await clock.sleep(backoffMs(attempts, delivery.random), stop.signal)
    resting--
    changed.raise()
  }

  function mayRepeat({ object, attempts }: Task): boolean {
    if (attempts >= attemptsMax || delivery.replay === 'none') return false
    return delivery.replay === 'all' || (object.kind !== null && harmlessTwice(object.kind, object.body))
  }

  function settle(task: Task, exchange: Exchange): void {
    const refused = 'answer' in exchange.result && exchange.result.answer.status >= 400
    const policy = exchange.inDoubt ? delivery.afterUnknown : refused ? delivery.afterRejected : 'continue'
    if (policy === 'hold') for (const lane of task.lanes) blocked.set(lane, task.object)
    end(task, () => delivery.settled(task.object, exchange))
  }

  function causeOfHold({ lanes: names }: Task): TrackObject | undefined {
    return blocked.size === 0
      ? undefined
      : names.map(name => blocked.get(name)).find(cause => cause !== undefined)
  }

  /** What waits behind an unsettled row is held, and so is what waits behind that. */
  function hold(task: Task | undefined): void {
    const cause = task === undefined ? undefined : causeOfHold(task)
    if (task === undefined || cause === undefined) return
    for (const lane of task.lanes) blocked.set(lane, cause)
    const message = `waits for row ${rowLabel(cause)} of ${cause.file}, which is not settled`
    end(task, () => delivery.unsent(task.object, 'held', message, 0))
  }

  /** The outcome is told before the lane is free, so that it is on record before the next request of the lane. */
  function end(task: Task, tell: () => void): void {
    tell()
    lanes.done(task)
    changed.raise()
  }

  function unsent(object: TrackObject, attempts: number): void {
    delivery.unsent(object, 'not_sent', stopMessage(stop), attempts)
  }

  function giveUpOnDeadHost({ attempts }: Task, lost: Lost): void {
    const neverReached = lost.sent ? failures >= firstFailuresMax : attempts >= firstAttemptsMax
    const dead = lastAnswerAt === null ? neverReached : clock.now() - lastAnswerAt > silenceMsMax
    if (!dead) return
    const message = `${delivery.host} cannot be reached (${lost.reason}).`
    stop.abort({ exit: 'stopped', message, next: 'Check BRAZE_API_URL and the network.' } satisfies Stop)
  }

  let bug: unknown
  function broken(error: unknown): void {
    bug ??= error
    stop.abort({
      exit: 'bug',
      message: `Something went wrong in track-sync: ${String(error)}`,
    } satisfies Stop)
  }

  const reader = read()
    .catch(broken)
    .finally(() => {
      reading = false
      changed.raise()
    })
  await send()
  await reader
  while (inFlight > 0 || resting > 0) await changed.next()
  // What a bug of ours left half done stays without an end: the journal then says `unknown`, which is true.
  for (const { object, attempts } of lanes.clear()) if (attempts === 0) unsent(object, attempts)
  if (bug !== undefined) throw bug
}

function requestBody({ kind, body }: TrackObject, form: 'array' | 'object'): string {
  return JSON.stringify({ [kind ?? '']: form === 'array' ? [body] : body })
}

function stopMessage(stop: AbortController): string {
  return (stop.signal.reason as Stop).message
}

/** Lets loops wait until something has changed. They look before they wait, so nothing is missed. */
class Signal {
  #wake: (() => void)[] = []

  raise(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  next(): Promise<void> {
    return new Promise(resolve => this.#wake.push(resolve))
  }
}
