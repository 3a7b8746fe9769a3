import { setMaxListeners } from 'node:events'
import { type Stop, stopOf } from '../model/exit.ts'
import type { TrackObject } from '../model/track-object.ts'
import { Attempts } from './attempt.ts'
import { whoAndWhat } from './claim.ts'
import { mayRide } from './coalesce.ts'
import type { Delivery } from './delivery.ts'
import { Endings } from './endings.ts'
import { Lanes } from './lanes.ts'
import { Signal } from './signal.ts'
import { doubtsOf, newTask, objectsOf, type Task } from './task.ts'

/** Original records held at most, in bytes. */
const readAheadBytesMax = 64 * 1024 * 1024
/** The reader may be so many times the read-ahead in front of the oldest object that has not ended. */
const readAheadSpan = 20
/** After a signal, what is in flight is waited for so long. The report follows, and all of it has to fit into 20 s. */
const signalPatienceMs = 15_000
/** A pace that makes nobody wait answers within this. */
const atOnceMs = 10

/**
 * Sends every object and tells its end exactly once. First the permit, then the row: whoever gets a permit takes the
 * oldest object whose lane is free at that moment. Resolves to how many objects a stop kept from coming to their end.
 */
export async function deliver(objects: AsyncIterable<TrackObject[]>, delivery: Delivery): Promise<number> {
  const { stop, clock, pace, order, readAhead, concurrency } = delivery
  const lanes = new Lanes()
  const endings = new Endings(delivery)
  const attempts = new Attempts(delivery, endings)
  const changed = new Signal()
  setMaxListeners(0, stop.signal)
  stop.signal.addEventListener('abort', () => changed.raise())
  let reading = true
  let oldest = 0
  let leftBehind = 0
  let inFlight = 0
  /** In flight, or resting before the next attempt. */
  let underWay = 0
  let open = () => {}
  const swept = new Promise<void>(resolve => {
    open = resolve
  })

  /** However large the records are, however many wait behind one that takes long, and however long that takes. */
  function isFull(seq = 0): boolean {
    return lanes.size >= readAhead || lanes.bytes >= readAheadBytesMax || isFarAhead(seq)
  }

  /** The oldest that is here is at least as old as it was when somebody last looked. */
  function isFarAhead(seq: number): boolean {
    const span = readAhead * readAheadSpan
    if (seq - oldest < span) return false
    oldest = lanes.oldest?.object.seq ?? seq
    return seq - oldest >= span
  }

  async function read(): Promise<void> {
    for await (const batch of objects) {
      for (const object of batch) {
        while (isFull(object.seq) && !stop.signal.aborted) {
          changed.raise()
          await changed.next()
        }
        const earlier = delivery.earlier(object.seq)
        delivery.read?.(object)
        // After a stop the input ends in order too, or the journal's reader would have to hold all that is left of it.
        if (stop.signal.aborted) {
          leftBehind++
          await swept.then(() => endings.notSent(object, earlier))
        } else lanes.add(newTask(object, whoAndWhat(object, order), earlier))
      }
      changed.raise()
    }
  }

  async function send(): Promise<void> {
    let starvedMs = 0
    while (!stop.signal.aborted && (reading || lanes.size > 0)) {
      if (holdNext()) continue
      if (lanes.peek() === undefined || inFlight >= concurrency) {
        const isStarved = inFlight < concurrency && isFull()
        const since = clock.now()
        await changed.next()
        if (isStarved) starvedMs += clock.now() - since
        continue
      }
      const asked = starvedMs > 0 ? clock.now() : 0
      const allowed = pace.start(stop.signal)
      if (allowed !== undefined) await allowed
      if (stop.signal.aborted) break
      // Only where the pace then made nobody wait was it the lanes that cost time.
      if (starvedMs > 0 && clock.now() - asked < atOnceMs) delivery.waitedForLanes(starvedMs)
      starvedMs = 0
      // While the permit was on its way, the oldest row may have become one to hold.
      while (holdNext());
      const task = lanes.take()
      if (task !== undefined) leave(task)
    }
  }

  /** What waits behind an unsettled row is held. True where the next task was such a one. */
  function holdNext(): boolean {
    const next = lanes.peek()
    const cause = next === undefined ? undefined : endings.causeOf(next)
    const task = cause === undefined ? undefined : lanes.take()
    if (task === undefined || cause === undefined) return false
    end(task, () => endings.hold(task, cause))
    return true
  }

  function leave(task: Task): void {
    if (delivery.coalesce && isFresh(task)) lanes.board(task, next => ridesWith(task, next))
    inFlight++
    underWay++
    const left = attempt(task).catch(broken)
    void left.then(() => {
      underWay--
      changed.raise()
    })
  }

  function ridesWith(task: Task, next: Task): boolean {
    const isFree = isFresh(next) && endings.causeOf(next) === undefined
    return isFree && mayRide(objectsOf(task), next.object, delivery.readings)
  }

  async function attempt(task: Task): Promise<void> {
    if (task.untold !== null) delivery.failed(objectsOf(task), task.untold)
    task.untold = null
    const attempted = await attempts.make(task)
    // Only now is there room for another request, or it would slip past the pause or the stop.
    inFlight--
    changed.raise()
    switch (attempted.do) {
      case 'stay':
        return lanes.again(task)
      case 'end':
        return end(task, () => endings.settle(task, attempted.exchange))
      case 'part':
        delivery.failed(objectsOf(task), attempted.exchange)
        return lanes.part(task)
      case 'again':
        // One in doubt is the objects' end if the run stops before the next attempt, so it is told when that is known.
        if (attempted.exchange.inDoubt) task.untold = attempted.exchange
        else delivery.failed(objectsOf(task), attempted.exchange)
        if (attempted.rest) await attempts.rest(task)
        return lanes.again(task)
    }
  }

  /** The end is told before the lane is free, so that it is on record before the next request of the lane. */
  function end(task: Task, tell: () => void): void {
    tell()
    lanes.done(task)
    changed.raise()
  }

  /** Waits for what is under way; where somebody waits for this process to end, not for ever. */
  async function untilQuiet(): Promise<void> {
    const over = new AbortController()
    async function hangUpLate(): Promise<void> {
      await clock.sleep(signalPatienceMs, over.signal)
      if (!over.signal.aborted) delivery.hangUp()
    }
    if (isSignal(stop)) void hangUpLate()
    while (underWay > 0) await changed.next()
    over.abort()
  }

  let bug: unknown
  function broken(error: unknown): void {
    bug ??= error
    const message = `Something went wrong in track-sync: ${String(error)}`
    stop.abort({ exit: 'bug', message } satisfies Stop)
  }

  const reader = read()
    .catch(broken)
    .finally(() => {
      reading = false
      changed.raise()
    })
  await send().catch(broken)
  await untilQuiet()
  // What a bug of ours left half done stays without an end: the journal then says `unknown`, which is true.
  try {
    for (const task of lanes.clear()) {
      leftBehind += objectsOf(task).length
      endings.leaveBehind(task)
    }
  } catch (error) {
    broken(error)
  }
  open()
  await reader
  if (bug !== undefined) throw bug
  return leftBehind
}

/** Never sent before, in this process or another, and not known to spoil a request for others. */
function isFresh(task: Task): boolean {
  return !task.alone && task.attempts === 0 && doubtsOf(task) === 0
}

/** Somebody waits for this process to end. */
function isSignal({ signal }: AbortController): boolean {
  const stop = signal.aborted ? stopOf(signal) : null
  return stop?.exit === 'interrupted' || stop?.exit === 'terminated'
}
