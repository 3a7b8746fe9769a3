import cliProgress from 'cli-progress'
import type { Progress } from '../index.ts'
import type { Clock } from '../model/clock.ts'
import { plain } from '../report/layout.ts'
import { barLegend, progressBar, progressLine } from '../report/progress-text.ts'
import { count, duration, number } from '../report/summary-text.ts'
import type { Console, Fields } from './console.ts'

const lineEveryMs = 30_000
/** A longer pause is announced, so that the process does not seem to hang. */
const longPauseMs = 60_000
/** If more than this share of the time is lost to users with many rows, the run says so. */
const limitedShare = 1 / 20

/** The progress of a run: a bar on a terminal, a line every 30 seconds elsewhere. */
export interface ProgressView {
  start: (progress: Readonly<Progress>) => void
  update: (progress: Readonly<Progress>) => void
  /** Prints a message without breaking the bar. */
  say: (message: string, fields: Fields) => void
  finish: () => void
}

/** `stream` is where the bar is drawn. */
export function createProgress(
  console: Console,
  clock: Clock,
  stream: NodeJS.WritableStream = process.stderr,
): ProgressView {
  const isBar = console.columns !== undefined && !console.quiet
  const view = isBar ? createBar(console, clock, stream) : createLines(console, clock)
  let hasWarned = false
  let announcedUntil = 0
  let hasAnnouncedDenial = false

  /** Requests that were in flight together may each move the end of the same pause a little. */
  function announcePause({ pausedUntil }: Readonly<Progress>): void {
    const ms = pausedUntil - clock.now()
    if (console.quiet || ms <= longPauseMs || pausedUntil - announcedUntil <= longPauseMs) return
    announcedUntil = pausedUntil
    const until = new Date(pausedUntil).toISOString()
    view.say(`The API asked for a pause of ${duration(ms)}. Sending continues at ${until}.`, {
      event: 'paused',
      level: 'warn',
      pausedUntil: until,
    })
  }

  function announceDenial({ lookupsDenied }: Readonly<Progress>): void {
    if (lookupsDenied === null || hasAnnouncedDenial) return
    hasAnnouncedDenial = true
    const message = `${lookupsDenied} The run goes on without lookups.`
    if (!console.quiet) view.say(message, { event: 'lookups_denied', level: 'warn' })
  }

  return {
    ...view,
    start: progress => {
      const { mode, total, ended, left, waitingForLookup } = progress
      const settled = ended === 0 ? '' : ` ${number(ended)} of ${number(total)} are already settled.`
      const legend = isBar ? `  ${barLegend(console.paint)}` : ''
      const fields = { event: 'start', mode, total, ended, left, waitingForLookup }
      console.log(`${startText(progress)}${settled}${legend}`, fields)
      view.start(progress)
    },
    update: progress => {
      view.update(progress)
      announcePause(progress)
      announceDenial(progress)
      const { waitedForLanesMs, startedAt } = progress
      const elapsed = clock.now() - startedAt
      if (hasWarned || console.quiet || elapsed < lineEveryMs || waitedForLanesMs < elapsed * limitedShare)
        return
      hasWarned = true
      view.say(throughputLimited, { event: 'held_back', level: 'warn', waitedForLanesMs })
    },
  }
}

/** `Sending 12 rows.` */
function startText({ mode, left, waitingForLookup }: Readonly<Progress>): string {
  if (mode === 'audit') return `Comparing ${count(left, 'row')}.`
  if (waitingForLookup === 0) return `Sending ${count(left, 'row')}.`
  if (left === 0) return `Looking up ${count(waitingForLookup, 'row')}.`
  return `Sending ${count(left, 'row')}, looking up ${number(waitingForLookup)}.`
}

const throughputLimited =
  'Throughput is limited: the rows read ahead belong to a few users, and the rows of a user are sent one at a time. --read-ahead reads further; --order value sends different values of a user in parallel.'

function createBar(console: Console, clock: Clock, stream: NodeJS.WritableStream): ProgressView {
  let latest: Readonly<Progress> | null = null
  let isDrawn = false
  const bar = new cliProgress.SingleBar({
    // Redrawn at each tick, so that the ETA keeps falling while nothing happens.
    format: (_options, { maxWidth }) =>
      latest === null ? '' : progressBar(latest, clock.now(), maxWidth, console.paint ?? plain),
    stream,
    fps: 4,
    hideCursor: true,
    gracefulExit: false,
  })

  function draw(): void {
    isDrawn = true
    bar.start(latest?.total ?? 0, latest?.ended ?? 0)
  }

  function finish(): void {
    if (isDrawn) bar.stop()
    isDrawn = false
  }

  return {
    start: progress => {
      latest = progress
      draw()
    },
    update: progress => {
      latest = progress
      bar.update(progress.ended)
    },
    say: (message, fields) => {
      const wasDrawn = isDrawn
      finish()
      console.error(message, fields)
      if (wasDrawn) draw()
    },
    finish: () => {
      finish()
      latest = null
    },
  }
}

function createLines(console: Console, clock: Clock): ProgressView {
  let latest: Readonly<Progress> | null = null
  const over = new AbortController()

  async function logRegularly(): Promise<void> {
    for (;;) {
      await clock.sleep(lineEveryMs, over.signal)
      if (over.signal.aborted || latest === null) return
      console.log(progressLine(latest, clock.now()), { event: 'progress', ...figuresOf(latest) })
    }
  }

  return {
    start: progress => {
      latest = progress
      void logRegularly()
    },
    update: progress => {
      latest = progress
    },
    say: (message, fields) => console.error(message, fields),
    finish: () => over.abort(),
  }
}

/** The fields of a progress line in a JSON log. Names may be added, never changed. */
function figuresOf({ startedAt, endsAt, settledBy, pausedUntil, ...progress }: Readonly<Progress>): Fields {
  const moment = (ms: number | null) => (ms === null || ms === 0 ? null : new Date(ms).toISOString())
  return {
    ...progress,
    perMinute: Math.round(progress.perMinute),
    startedAt: moment(startedAt),
    endsAt: moment(endsAt === null ? null : Math.round(endsAt)),
    settledBy: moment(settledBy),
    pausedUntil: moment(pausedUntil),
  }
}
