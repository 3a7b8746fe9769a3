import { deliver } from '../deliver/deliver.ts'
import type { Leaving } from '../deliver/delivery.ts'
import { createPost } from '../deliver/post.ts'
import { Eta } from '../forecast/eta.ts'
import type { Verified } from '../journal/baseline.ts'
import type { Standing } from '../journal/run-state.ts'
import type { Book, Sent } from '../journal/writer.ts'
import { Mapper } from '../map/map.ts'
import type { Clock } from '../model/clock.ts'
import type { Exchange } from '../model/exchange.ts'
import { type Stop, stopOf } from '../model/exit.ts'
import type { Outcome } from '../model/outcome.ts'
import type { PlannedRun } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import { Count, type Progress } from '../model/progress.ts'
import type { TrackObject } from '../model/track-object.ts'
import { defaults, type ImportOptions } from '../options.ts'
import type { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import { createPace } from '../rate-limit/rate-limit.ts'
import { createPermits } from '../rate-limit/spacing.ts'
import { shareOut } from '../reconcile/per-object.ts'
import { forget, type Memory, reconcile } from '../reconcile/reconcile.ts'
import { readAll, readingsOf } from './survey.ts'

/** A run that is ready to send: what it reads, where it stands, and what it is written down in. */
export interface Ready {
  folder: string
  clock: Clock
  url: URL
  options: ImportOptions
  sources: readonly FingerprintedSource[]
  planned: PlannedRun
  /** What earlier processes did; of a new run, nothing. */
  standing: Standing
  /** What their answers showed. */
  memory: Memory
  /** What an earlier run verified, where that need not be sent again. */
  verified: Verified | null
  book: Book
  stop: AbortController
}

/** What the journal is told when the sending is over, and what ended it early; null where every object came to its end. */
export type Over = Sent & { stopped: Stop | null }

/** The lower river: all that has not ended is sent, reconciled and written down; `postBy` reaches the host. */
export async function send(ready: Ready, postBy = createPost): Promise<Over> {
  const { clock, url, options, planned, standing, memory, book, stop } = ready
  const settings = { ...defaults, ...options }
  const { key, rate, concurrency, timeoutMs, maxErrors, replay, order, readAhead, proxy } = settings
  const readings = readingsOf(options)
  const earlier = standing.starts
  const pace = createPace(rate, { permit: createPermits(rate, clock), clock, random: Math.random, earlier })
  const through = proxy === undefined ? {} : { proxy }
  const { post, close } = postBy({ url, key, connections: concurrency, timeoutMs, ...through })
  const count = new Count(planned.objects, planned.invalid, clock.now())
  const busiest = order === 'user' ? planned.busiest : undefined
  const eta = new Eta({ clock, pace, readAhead, busiest })
  for (let seq = 0; seq < standing.marks.length; seq++) {
    const outcome = standing.marks.outcome(seq)
    if (outcome !== undefined && !standing.isOpen(seq, replay)) count.endedBefore(outcome)
  }

  for (const left of standing.left.values()) {
    if (left.outcome === 'unknown' && !standing.isOpen(left.seq, replay)) forget(left, memory)
  }

  let spent: Stop | undefined
  function watchBudget(): void {
    const over = stop.signal.aborted ? undefined : count.overBudget(maxErrors)
    if (over === undefined) return
    spent = over
    stop.abort(over)
  }

  /** A budget that is spent, or somebody who wants to stop, keeps rows from being sent; where all had left, they stop nothing. */
  function stopped(leftBehind: number): Stop | null {
    const reason = stop.signal.aborted ? stopOf(stop.signal) : null
    const isOfRows = reason === spent || reason?.exit === 'interrupted' || reason?.exit === 'terminated'
    if (reason === null || (isOfRows && leftBehind === 0 && read === planned.objects)) return null
    if (reason !== spent) return reason
    // What was in flight may have failed as well, so only now is it known what a resume needs.
    return { ...reason, resumeWith: { 'max-errors': String(count.furtherBudget(maxErrors)) } }
  }

  function ended(outcome: Outcome): void {
    count.ended(outcome)
    watchBudget()
    tell()
  }

  function here(): Progress {
    const { progress } = count
    const sight = eta.estimate(progress.left)
    return { ...progress, ...sight, outcomes: { ...progress.outcomes }, pausedUntil: pace.pausedUntil() }
  }

  function tell(): void {
    if (options.onProgress !== undefined) options.onProgress(here())
  }

  function came(leader: TrackObject | undefined, { result, durationMs }: Exchange): void {
    const isTurnedBack = 'answer' in result && result.answer.status === 429
    if (isTurnedBack) count.progress.rateLimited++
    if (leader !== undefined) eta.answered(leader, durationMs, isTurnedBack)
  }

  async function sending(leaving: Leaving[]): Promise<boolean> {
    try {
      await book.sending(leaving)
    } catch (error) {
      // A journal that cannot be written has stopped the run; what is not on record does not leave.
      if (stop.signal.aborted) return false
      throw error
    }
    count.progress.requests++
    if (leaving[0] !== undefined) eta.sent(leaving[0].object)
    return true
  }

  function settled(objects: TrackObject[], exchange: Exchange, asked: TrackObject): void {
    came(objects[0], exchange)
    const whole = reconcile(asked, exchange, clock.now(), memory, readings)
    for (const [i, judged] of shareOut(objects, asked, whole).entries()) {
      const [leader, object] = [objects[0], objects[i]]
      if (leader === undefined || object === undefined) continue
      book.settled(object, leader, exchange, judged)
      eta.settled(object, true)
      ended(judged.outcome)
    }
  }

  let read = 0
  const onRead = (object: TrackObject) => {
    read = object.seq + 1
  }
  let leftBehind = 0
  try {
    options.onStart?.(here(), ready.folder)
    watchBudget()
    leftBehind = await deliver(sendable(ready, ended, onRead), {
      ...settings,
      readings,
      host: options.target ?? url.origin,
      total: planned.objects,
      earlier: seq => standing.earlier(seq),
      unsettled: [...standing.left.values()].filter(({ seq }) => !standing.isOpen(seq, replay)),
      read: object => eta.read(object),
      post,
      hangUp: () => void close(),
      pace,
      clock,
      random: Math.random,
      stop,
      sending,
      failed: (objects, exchange) => {
        book.failed(objects, exchange)
        came(objects[0], exchange)
        tell()
      },
      settled,
      unsent: (object, outcome, message) => {
        // Its requests are on record, and that none of them told what became of it.
        if (outcome === 'unknown') forget(object, memory)
        else book.unsent(object, outcome, message)
        eta.settled(object, false)
        ended(outcome)
      },
      waitedForLanes: ms => {
        count.progress.waitedForLanesMs += ms
      },
    })
  } finally {
    await close()
  }
  const { waitedForLanesMs } = count.progress
  return { waitedForLanesMs, unread: planned.objects - read, stopped: stopped(leftBehind) }
}

/** All objects that are to be sent; the others are told and go no further. Input that is not what was planned stops the run. */
async function* sendable(
  { sources, options, planned, standing, verified, book, stop }: Ready,
  ended: (outcome: Outcome) => void,
  onRead: (object: TrackObject) => void,
): AsyncGenerator<TrackObject[]> {
  const { replay = defaults.replay } = options
  try {
    for await (const batch of readAll(sources, options, new Mapper(options, planned.types))) {
      yield batch.filter(object => {
        onRead(object)
        const isSound = object.problems.length === 0
        // Asked of what has ended, too: what was sent since is not what the earlier run verified.
        const isUnchanged = isSound && verified?.isUnchanged(object) === true
        if (!standing.isOpen(object.seq, replay)) return false
        if (!isSound) {
          book.invalid(object)
          ended('invalid')
          return false
        }
        if (!isUnchanged) return true
        book.unchanged(object, `verified by the run ${options.skipUnchanged}`)
        ended('unchanged')
        return false
      })
    }
  } catch (error) {
    if (!(error instanceof TrackSyncError)) throw error
    stop.abort(stopBy(error))
  }
}

function stopBy({ message, next }: TrackSyncError): Stop {
  return { exit: 'stopped', message, ...(next === undefined ? {} : { next }) }
}
