import cliProgress from 'cli-progress'
import { perMinute, type Progress, type Rate } from '../index.ts'
import { count, duration, number } from '../report/text.ts'
import type { Console } from './console.ts'

const lineEveryMs = 30_000

/** How far the run is: a bar on a terminal, a line now and then elsewhere. */
export function createProgress(console: Console, rate: Rate) {
  return process.stderr.isTTY && !console.quiet ? createBar(rate) : createLines(console, rate)
}

function createBar(rate: Rate) {
  const bar = new cliProgress.SingleBar({
    format:
      ' {bar} {value}/{total} rows | {pace}/min | {verified} ok, {failed} failed, {unknown} unknown | {left}{held}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 20,
    stream: process.stderr,
    fps: 4,
    etaBuffer: 100,
    hideCursor: true,
    gracefulExit: false,
  })
  let started = false
  return {
    start: ({ total, ended }: Readonly<Progress>) => {
      started = true
      bar.start(total, ended, { pace: 0, verified: 0, failed: 0, unknown: 0, left: '', held: '' })
    },
    update: (progress: Readonly<Progress>) => {
      const { verified, failed, unknown } = progress
      bar.update(progress.ended, {
        pace: number(paceOf(progress)),
        verified,
        failed,
        unknown,
        left: timeLeft(progress, rate),
        held: isHeldBack(progress) ? ' | held back by users of many rows' : '',
      })
    },
    finish: () => {
      if (!started) return
      started = false
      bar.stop()
    },
  }
}

function createLines(console: Console, rate: Rate) {
  let next = 0
  return {
    start: ({ total, ended }: Readonly<Progress>) => {
      next = Date.now() + lineEveryMs
      const settled = ended === 0 ? '' : ` ${number(ended)} of ${number(total)} have ended before.`
      console.log(`Sending ${count(total - ended, 'row')}.${settled}`, { total, ended })
    },
    update: (progress: Readonly<Progress>) => {
      if (Date.now() < next) return
      next = Date.now() + lineEveryMs
      const { ended, total, verified, failed, unknown } = progress
      const figures = `${number(verified)} ok, ${number(failed)} failed, ${number(unknown)} unknown`
      console.log(
        `${number(ended)} of ${number(total)} rows, ${number(paceOf(progress))} a minute; ${figures}; ${timeLeft(progress, rate)}`,
        { ...progress },
      )
      if (isHeldBack(progress)) {
        console.log(
          'The pace is held back: the rows read ahead are of a few users, whose rows go one at a time. --read-ahead looks further, --order value lets different values of a user go together.',
        )
      }
    },
    finish: () => {},
  }
}

/** Whether a good part of the time was lost because all that was read had to wait for answers. */
function isHeldBack({ waitedForLanesMs, startedAt }: Readonly<Progress>): boolean {
  return waitedForLanesMs > (Date.now() - startedAt) / 20
}

/** Requests a minute since the run began to send. */
function paceOf({ requests, startedAt }: Readonly<Progress>): number {
  const minutes = (Date.now() - startedAt) / 60_000
  return minutes <= 0 ? 0 : Math.round(requests / Math.max(minutes, 1 / 600))
}

/** What is left at the speed so far, which the rate bounds; a pause is added. */
function timeLeft(progress: Readonly<Progress>, rate: Rate): string {
  const { ended, endedBefore, total, startedAt, pausedUntil } = progress
  const now = Date.now()
  const elapsed = now - startedAt
  const perMs = Math.min(
    (ended - endedBefore) / Math.max(1, elapsed),
    (perMinute(rate) ?? Number.POSITIVE_INFINITY) / 60_000,
  )
  if (perMs <= 0 || ended === total) return ''
  return `${duration((total - ended) / perMs + Math.max(0, pausedUntil - now))} left`
}
