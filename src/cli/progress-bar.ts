import cliProgress from 'cli-progress'
import type { Progress } from '../index.ts'
import type { Clock } from '../model/clock.ts'
import { plain } from '../report/layout.ts'
import { barLegend, progressBar, progressLine } from '../report/progress-text.ts'
import { count, duration, number } from '../report/summary-text.ts'
import type { Console, Fields } from './console.ts'

const lineEveryMs = 30_000
/** A pause that is longer than this is worth a word: nobody should have to wonder whether the process hangs. */
const pauseToldMs = 60_000
/** From this part of the time on, lost to users of many rows, it is worth a word. */
const heldBackShare = 1 / 20

/** How far the run is: a bar on a terminal, a line now and then elsewhere. */
export interface ProgressView {
  start: (progress: Readonly<Progress>) => void
  update: (progress: Readonly<Progress>) => void
  /** Says something that must be seen, without the bar in its way. */
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
  let isTold = false
  let toldPause = 0

  /** Those that were in flight together may each move the end of one pause by a little. */
  function tellPause({ pausedUntil }: Readonly<Progress>): void {
    const ms = pausedUntil - clock.now()
    if (console.quiet || ms <= pauseToldMs || pausedUntil - toldPause <= pauseToldMs) return
    toldPause = pausedUntil
    const until = new Date(pausedUntil).toISOString()
    view.say(`The API asked for a pause of ${duration(ms)}. Sending continues at ${until}.`, {
      event: 'paused',
      level: 'warn',
      pausedUntil: until,
    })
  }

  return {
    ...view,
    start: progress => {
      const { total, ended, left } = progress
      const settled = ended === 0 ? '' : ` ${number(ended)} of ${number(total)} are already settled.`
      const legend = isBar ? `  ${barLegend(console.paint)}` : ''
      console.log(`Sending ${count(left, 'row')}.${settled}${legend}`, { event: 'start', total, ended, left })
      view.start(progress)
    },
    update: progress => {
      view.update(progress)
      tellPause(progress)
      const { waitedForLanesMs, startedAt } = progress
      const elapsed = clock.now() - startedAt
      if (isTold || console.quiet || elapsed < lineEveryMs || waitedForLanesMs < elapsed * heldBackShare)
        return
      isTold = true
      view.say(heldBack, { event: 'held_back', level: 'warn', waitedForLanesMs })
    },
  }
}

const heldBack =
  'Throughput is limited: the rows read ahead belong to a few users, and the rows of a user are sent one at a time. --read-ahead reads further; --order value sends different values of a user in parallel.'

function createBar(console: Console, clock: Clock, stream: NodeJS.WritableStream): ProgressView {
  let latest: Readonly<Progress> | null = null
  let isDrawn = false
  const bar = new cliProgress.SingleBar({
    // Drawn anew at each tick, so that the time left goes on falling where nothing happens.
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

  async function tellNowAndThen(): Promise<void> {
    for (;;) {
      await clock.sleep(lineEveryMs, over.signal)
      if (over.signal.aborted || latest === null) return
      console.log(progressLine(latest, clock.now()), { event: 'progress', ...figuresOf(latest) })
    }
  }

  return {
    start: progress => {
      latest = progress
      void tellNowAndThen()
    },
    update: progress => {
      latest = progress
    },
    say: (message, fields) => console.error(message, fields),
    finish: () => over.abort(),
  }
}

/** What a line of a JSON log says of a run under way. The names are frozen: they may be added to, never renamed. */
function figuresOf({ startedAt, endsAt, pausedUntil, ...progress }: Readonly<Progress>): Fields {
  const moment = (ms: number | null) => (ms === null || ms === 0 ? null : new Date(ms).toISOString())
  return {
    ...progress,
    perMinute: Math.round(progress.perMinute),
    startedAt: moment(startedAt),
    endsAt: moment(endsAt === null ? null : Math.round(endsAt)),
    pausedUntil: moment(pausedUntil),
  }
}
