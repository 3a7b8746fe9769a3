import { setMaxListeners } from 'node:events'
import type { Exchange, Lost, Post } from '../model/exchange.ts'
import { harmlessTwice, type Replay } from '../model/replay.ts'
import type { Stop } from '../model/stop.ts'
import { rowLabel, type TrackObject } from '../model/track-object.ts'
import type { Clock } from './clock.ts'
import { Lanes, type Task } from './lanes.ts'
import type { Pace } from './pace.ts'
import { backoffMs, nextStep } from './retry.ts'
import { Signal } from './signal.ts'

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

/** An object may be left in doubt so often before it stays there; a 429 or a refused connection leaves no doubt. */
const doubtsMax = 8
/** Original records held at most, in bytes. */
const readAheadBytesMax = 64 * 1024 * 1024
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
  /** In flight, or resting before the next attempt. */
  let underWay = 0
  let answered = false
  let failures = 0
  let silentSince = 0
  let open = () => {}
  const swept = new Promise<void>(resolve => {
    open = resolve
  })

  /** However large the records are, and however many of them wait behind one that takes long. */
  function isFull(): boolean {
    return lanes.size >= delivery.readAhead || lanes.bytes >= readAheadBytesMax
  }

  async function read(): Promise<void> {
    for await (const batch of objects) {
      for (const object of batch) {
        while (isFull() && !stop.signal.aborted) {
          changed.raise()
          await changed.next()
        }
        // After a stop the input ends in order too, or the journal's reader would have to hold all that is left of it.
        if (stop.signal.aborted) await swept.then(() => unsent(object, 0))
        else lanes.add({ object, lanes: delivery.lanesOf(object), attempts: 0, doubts: 0, untold: null })
      }
      changed.raise()
    }
  }

  async function send(): Promise<void> {
    while (!stop.signal.aborted && (reading || lanes.size > 0)) {
      if (holdNext()) continue
      if (lanes.peek() === undefined || inFlight >= delivery.concurrency) {
        await changed.next()
        continue
      }
      await pace.start(stop.signal)
      if (stop.signal.aborted) break
      // While the permit was on its way, the oldest row may have become one to hold.
      while (holdNext());
      const task = lanes.take()
      if (task !== undefined) leave(task)
    }
  }

  function leave(task: Task): void {
    inFlight++
    underWay++
    const left = attempt(task).catch(broken)
    void left.then(() => {
      underWay--
      changed.raise()
    })
  }

  async function attempt(task: Task): Promise<void> {
    const { object, untold } = task
    if (untold !== null) delivery.failed(object, untold)
    task.untold = null
    task.attempts++
    const exchange = await exchangeFor(task)
    const { result } = exchange
    const next = nextStep(result, clock.now(), delivery.host)
    if (next.do === 'doubt') task.doubts++
    exchange.inDoubt = task.doubts > 0 && next.do !== 'settle'
    if (next.do === 'stop') stop.abort(next.stop)
    const pauseMs = next.do === 'again' ? next.pauseMs : undefined
    if (pauseMs !== undefined) pace.pauseUntil(clock.now() + pauseMs)
    if ('lost' in result) giveUpOnDeadHost(task, result.lost)
    // Only now is there room for another request, or it would slip past the pause or the stop.
    inFlight--
    changed.raise()
    if (next.do === 'settle' || (next.do === 'doubt' && !mayRepeat(task))) return settle(task, exchange)
    // One in doubt is the object's end if the run stops before the next attempt, so it is told when that is known.
    if (exchange.inDoubt) task.untold = exchange
    else delivery.failed(object, exchange)
    if (pauseMs === undefined) await clock.sleep(backoffMs(task.attempts, delivery.random), stop.signal)
    lanes.again(task)
  }

  async function exchangeFor({ object, attempts, doubts }: Task): Promise<Exchange> {
    await delivery.sending(object, attempts)
    const leftAt = clock.now()
    const result = await delivery.post(requestBody(object, delivery.bodyForm))
    const now = clock.now()
    failures = 'lost' in result ? failures + 1 : 0
    if (failures === 1) silentSince = now
    answered ||= 'answer' in result
    return { result, attempts, durationMs: now - leftAt, inDoubt: false, doubts }
  }

  function mayRepeat({ object, doubts }: Task): boolean {
    if (doubts >= doubtsMax || delivery.replay === 'none') return false
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

  /** What waits behind an unsettled row is held, and so is what waits behind that. True where it was so. */
  function holdNext(): boolean {
    const task = lanes.peek()
    const cause = task === undefined ? undefined : causeOfHold(task)
    if (task === undefined || cause === undefined) return false
    lanes.take()
    for (const lane of task.lanes) blocked.set(lane, cause)
    const message = `waits for row ${rowLabel(cause)} of ${cause.file}, which is not settled`
    end(task, () => delivery.unsent(task.object, 'held', message, 0))
    return true
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
    // Silence begins with a failure, not with the last answer: an hour's pause is not the host's fault.
    const silent = failures >= firstFailuresMax && clock.now() - silentSince > silenceMsMax
    const dead = answered ? silent : neverReached
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
  await send().catch(broken)
  while (underWay > 0) await changed.next()
  // What a bug of ours left half done stays without an end: the journal then says `unknown`, which is true.
  try {
    for (const { object, attempts, untold } of lanes.clear()) {
      if (untold === null) unsent(object, attempts)
      else delivery.settled(object, untold)
    }
  } catch (error) {
    broken(error)
  }
  open()
  await reader
  if (bug !== undefined) throw bug
}

function requestBody({ kind, body }: TrackObject, form: 'array' | 'object'): string {
  return JSON.stringify({ [kind ?? '']: form === 'array' ? [body] : body })
}

function stopMessage(stop: AbortController): string {
  return (stop.signal.reason as Stop).message
}
