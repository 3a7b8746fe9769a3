import { deliver } from '../deliver/deliver.ts'
import { createPost } from '../deliver/post.ts'
import { Eta } from '../forecast/eta.ts'
import type { Baseline } from '../journal/baseline.ts'
import type { RunState } from '../journal/run-state.ts'
import type { JournalWriter, SendingTotals } from '../journal/writer.ts'
import { Mapper } from '../map/map.ts'
import type { Clock } from '../model/clock.ts'
import type { Stop } from '../model/exit.ts'
import type { PlannedRun } from '../model/plan.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { defaults, type ImportOptions } from '../options.ts'
import type { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import { createRateLimit } from '../rate-limit/rate-limit.ts'
import { createSpacing } from '../rate-limit/spacing.ts'
import { forget, type Memory } from '../reconcile/reconcile.ts'
import { Recorder } from './recorder.ts'
import { readAll, readingsOf } from './survey.ts'

/** A run that is ready to send: what it reads, its state so far, and where it is recorded. */
export interface Ready {
  folder: string
  clock: Clock
  url: URL
  options: ImportOptions
  sources: readonly FingerprintedSource[]
  planned: PlannedRun
  /** What earlier processes did; of a new run, nothing. */
  state: RunState
  /** What their responses showed. */
  memory: Memory
  /** What an earlier run verified, where that need not be sent again. */
  baseline: Baseline | null
  journal: JournalWriter
  stop: AbortController
}

/** What the journal records when the sending is over, and what ended it early; null where every object came to its end. */
export type Over = SendingTotals & { stopped: Stop | null }

/** The lower river: all that has not ended is sent, reconciled and recorded; `postBy` reaches the host. */
export async function send(ready: Ready, postBy = createPost): Promise<Over> {
  const { clock, url, options, planned, state, memory, journal, stop } = ready
  const settings = { ...defaults, ...options }
  const { key, rate, concurrency, timeoutMs, maxErrors, order, readAhead, proxy } = settings
  const readings = readingsOf(options)
  const permit = createSpacing(rate, clock)
  const rateLimit = createRateLimit(rate, { permit, clock, random: Math.random, earlier: state.starts })
  const hotUsers = order === 'user' ? planned.busiest : undefined
  const eta = new Eta({ clock, rateLimit, readAhead, hotUsers })
  const { pausedUntil } = rateLimit
  const { onProgress } = options
  const recorded = {
    clock,
    stop,
    planned,
    journal,
    memory,
    readings,
    eta,
    maxErrors,
    pausedUntil,
    onProgress,
  }
  const recorder = new Recorder(recorded)
  takeOver(ready, recorder)

  const through = proxy === undefined ? {} : { proxy }
  const { post, close } = postBy({ url, key, connections: concurrency, timeoutMs, ...through })
  let leftBehind = 0
  try {
    options.onStart?.(recorder.progress, ready.folder)
    recorder.watchBudget()
    leftBehind = await deliver(sendable(ready, recorder), {
      ...settings,
      readings,
      host: options.target ?? url.origin,
      total: planned.objects,
      earlier: seq => state.earlier(seq),
      unsettled: [...state.unsettled.values()].filter(({ seq }) => !state.isOpen(seq, settings.replay)),
      post,
      hangUp: () => void close(),
      rateLimit,
      clock,
      random: Math.random,
      stop,
      read: object => eta.read(object),
      sending: leaving => recorder.sending(leaving),
      failed: (objects, exchange) => recorder.failed(objects, exchange),
      settled: (objects, exchange, asked) => recorder.settled(objects, exchange, asked),
      unsent: (object, outcome, message) => recorder.unsent(object, outcome, message),
      waitedForLanes: ms => recorder.waitedForLanes(ms),
    })
  } finally {
    await close()
  }
  const { waitedForLanesMs } = recorder.progress
  return { waitedForLanesMs, unread: recorder.unread, stopped: recorder.stopAfter(leftBehind) }
}

/** What earlier processes of the run brought to an end counts, and what they left unknown is certain no more. */
function takeOver({ state, memory, options }: Ready, recorder: Recorder): void {
  const { replay = defaults.replay } = options
  for (let seq = 0; seq < state.outcomes.length; seq++) {
    const outcome = state.outcomes.outcome(seq)
    if (outcome !== undefined && !state.isOpen(seq, replay)) recorder.endedBefore(outcome)
  }
  for (const left of state.unsettled.values())
    if (left.outcome === 'unknown' && !state.isOpen(left.seq, replay)) forget(left, memory)
}

/** All objects that are to be sent; the others are recorded and go no further. Input that has changed stops the run. */
async function* sendable(
  { sources, options, planned, state, baseline, stop }: Ready,
  recorder: Recorder,
): AsyncGenerator<TrackObject[]> {
  const { replay = defaults.replay } = options
  const unchanged = `verified by the run ${options.skipUnchanged}`
  try {
    for await (const batch of readAll(sources, options, new Mapper(options, planned.types))) {
      const open: TrackObject[] = []
      for (const object of batch) {
        recorder.wasRead(object)
        const isSound = object.problems.length === 0
        const isUnchanged = isSound && baseline?.isUnchanged(object) === true
        // Recorded for what has ended, too: what was sent since is not what the earlier run verified.
        if (isSound) baseline?.passed(object, isUnchanged)
        if (!state.isOpen(object.seq, replay)) continue
        if (!isSound) recorder.invalid(object)
        else if (isUnchanged) recorder.unchanged(object, unchanged)
        else open.push(object)
      }
      yield open
    }
  } catch (error) {
    if (!(error instanceof TrackSyncError)) throw error
    stop.abort(stopBy(error))
  }
}

function stopBy({ message, next }: TrackSyncError): Stop {
  return { exit: 'stopped', message, ...(next === undefined ? {} : { next }) }
}
