import { deliver } from '../deliver/deliver.ts'
import { createPost } from '../deliver/post.ts'
import { Eta } from '../forecast/eta.ts'
import type { RunState } from '../journal/run-state.ts'
import { Mapper } from '../map/map.ts'
import type { Replay } from '../braze/idempotency.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Stop } from '../model/exit.ts'
import type { RunFacts } from '../model/run-facts.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { defaults } from '../options.ts'
import { createRateLimit } from '../rate-limit/rate-limit.ts'
import { createSpacing } from '../rate-limit/spacing.ts'
import { whereFull } from './disk.ts'
import { Doubts } from './doubts.ts'
import { Lookups } from './lookup-source.ts'
import type { Over, Ready } from './stages.ts'
import { Recorder } from './recorder.ts'
import { settleUnknown } from './settle-unknown.ts'
import { Snapshot } from './snapshot.ts'
import { Verification } from './verification.ts'
import { readAll, readingsOf } from './survey.ts'

/** The lower river: all that has not ended is sent, reconciled, looked up and recorded; `postBy` reaches the host. */
export async function send(ready: Ready, postBy = createPost): Promise<Over> {
  const { clock, url, options, planned, state, stop } = ready
  const settings = { ...defaults, ...options }
  const { key, rate, concurrency, timeoutMs, order, readAhead, proxy } = settings
  const permit = createSpacing(rate, clock)
  const rateLimit = createRateLimit(rate, { permit, clock, random: Math.random, earlier: state.starts })
  const hotUsers = order === 'user' ? planned.busiest : undefined
  const eta = new Eta({ clock, rateLimit, readAhead, hotUsers })
  const lookups = openLookups(ready)
  const { recorder, verification, notApplied } = await takeOver(ready, lookups, eta, rateLimit.pausedUntil)
  const snapshot =
    options.snapshot === true
      ? await Snapshot.open(ready.folder, lookups, ready.memory, stop).catch(whereFull(ready.folder))
      : undefined

  const through = proxy === undefined ? {} : { proxy }
  const { post, close } = postBy({ url, key, connections: concurrency, timeoutMs, ...through })
  let leftBehind = 0
  try {
    recorder.watchBudget()
    leftBehind = await deliver(sendable(ready, recorder, notApplied, snapshot), {
      ...settings,
      readings: readingsOf(options),
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
      inDoubt: (objects, exchange, asked) => recorder.inDoubt(objects, exchange, asked),
      settled: (objects, exchange, asked) => recorder.settled(objects, exchange, asked),
      unsent: (object, outcome, message) => recorder.unsent(object, outcome, message),
      waitedForLanes: ms => recorder.waitedForLanes(ms),
    })
    await verification?.finish()
  } finally {
    await snapshot?.close()
    await lookups.close()
    await close()
  }
  const { waitedForLanesMs } = recorder.progress
  const notLookedUp = verification?.waiting ?? 0
  const stopped = recorder.stopAfter(leftBehind + notLookedUp)
  return {
    waitedForLanesMs,
    ...(ready.onlyUnknown ? asBefore(state.facts, stopped) : { unread: recorder.unread, stopped }),
  }
}

/** Where nothing but the unknown was looked at, the rest of the run is as it was. */
function asBefore(
  { status, stop, unread }: RunFacts,
  stopped: Stop | null,
): Pick<Over, 'unread' | 'stopped'> {
  const message = 'Only the unknown rows were looked up; the run is not finished.'
  const unfinished = status === 'finished' ? null : (stop ?? { exit: 'interrupted' as const, message })
  return { unread, stopped: stopped ?? unfinished }
}

/** The profiles of the run, which it can do without unless somebody asked for them. */
function openLookups(ready: Ready): Lookups {
  const { clock, url, options, journal, stop, state, onlyUnknown, lookedUpAt = [] } = ready
  const { verify, snapshot } = { ...defaults, ...options }
  const isRequired = verify === 'profile' || snapshot || onlyUnknown
  const earlier = [...lookedUpAt, ...state.lookupStarts]
  return new Lookups({ clock, url, options, journal, stop, earlier, isRequired })
}

/**
 * Takes over what earlier processes did: what ended counts, what they left unknown is looked up, and so is what still
 * waited for that.
 */
async function takeOver(ready: Ready, lookups: Lookups, eta: Eta, pausedUntil: () => number) {
  const { clock, options, planned, state, memory, befores, journal, stop, onlyUnknown } = ready
  const { maxErrors, replay, settleMs, verify, noLookups } = { ...defaults, ...options }
  const readings = readingsOf(options)
  const looking = { source: lookups, clock, settleMs, readings, signal: stop.signal }
  // Whoever asks for nothing but looks wants them, whatever the run was begun with.
  const doubts = new Doubts(noLookups && !onlyUnknown ? { ...looking, source: null } : looking)
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
    onlyUnknown,
    onProgress,
  }
  const recorder = new Recorder({ ...recorded, lookups, doubts })
  recorder.takeOver(endedBefore(state, replay))
  const waitingForLookup =
    notLeft(state, replay, onlyUnknown) + (verify === 'profile' ? state.awaiting.size : 0)
  options.onStart?.({ ...recorder.progress, waitingForLookup }, ready.folder)
  const notApplied = await settleUnknown({ state, befores, doubts, memory, journal, recorder, replay })
  recorder.takeOver(endedBefore(state, replay))
  if (verify !== 'profile') return { recorder, verification: undefined, notApplied }
  const verification = new Verification({ ...looking, observed: (one, by) => recorder.observed(one, by) })
  recorder.verification = verification
  for (const { seq, object, attempts, outcome, ending } of state.awaiting.values()) {
    const { reasons = [], user = null, message = '', at: since, ms, status } = ending
    const answer = { outcome, reasons, user, message }
    verification.takeOver({
      seq,
      asked: object,
      answer,
      sentAt: since - ms,
      since,
      earlier: { object, attempts, status },
    })
  }
  return { recorder, verification, notApplied }
}

/** Objects that earlier processes left unknown, but for those that count as left to be sent. */
function notLeft(state: RunState, replay: Replay, onlyUnknown: boolean): number {
  return [...state.unsettled.values()].filter(({ seq, outcome }) => {
    return outcome === 'unknown' && (onlyUnknown || !state.isOpen(seq, replay))
  }).length
}

/** How those objects ended that there is nothing left to do for. */
function* endedBefore(state: RunState, replay: Replay): Generator<Outcome, undefined> {
  for (let seq = 0; seq < state.outcomes.length; seq++) {
    const outcome = state.outcomes.outcome(seq)
    if (outcome !== undefined && !state.isOpen(seq, replay)) yield outcome
  }
}

/** All objects that are to be sent; the others are recorded and go no further. Input that has changed stops the run. */
async function* sendable(
  { sources, options, planned, state, baseline, stop, onlyUnknown }: Ready,
  recorder: Recorder,
  notApplied: ReadonlySet<number>,
  snapshot: Snapshot | undefined,
): AsyncGenerator<TrackObject[], undefined> {
  const { replay = defaults.replay } = options
  if (onlyUnknown && notApplied.size === 0) return
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
        if (onlyUnknown ? !notApplied.has(object.seq) : !state.isOpen(object.seq, replay)) continue
        if (!isSound) recorder.invalid(object)
        else if (isUnchanged) recorder.unchanged(object, unchanged)
        else open.push(object)
      }
      for (const object of open) recorder.verification?.read(object)
      await recorder.verification?.untilRoom()
      await snapshot?.take(open)
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
