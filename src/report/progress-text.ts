import stringWidth from 'string-width'
import type { Progress } from '../model/progress.ts'
import { type Paint, plain, type Style } from './layout.ts'
import { count, duration, number } from './summary-text.ts'

/** The progress of a run as a line of a log. */
export function progressLine(progress: Readonly<Progress>, now: number): string {
  const { total, perMinute } = progress
  const figures = visibleCounts(progress).map(({ word, value }) => `${number(value)} ${word}`)
  const pace = onlyLooksUp(progress) ? '' : `, ${number(Math.round(perMinute))} a minute`
  const parts = [
    `${number(settledOf(progress))} of ${count(total, 'row')}${pace}`,
    figures.join(', '),
    waitingBesides(progress),
    remainsText(progress, now),
  ]
  return parts.filter(part => part !== '').join('; ')
}

/** The progress as one line of a terminal: a bar, and as much text as fits beside it. */
export function progressBar(
  progress: Readonly<Progress>,
  now: number,
  columns: number,
  paint: Paint = plain,
): string {
  const { total } = progress
  // The form is chosen by how wide it may get, so that the bar keeps its width.
  const perMinute = Math.max(1000, progress.perMinute)
  const waitingForLookup = progress.waitingForLookup === 0 ? 0 : total
  const settledBy = progress.settledBy === null ? null : now + longestSettleMs
  const waiting = { waitingForLookup, settledBy }
  const widest = {
    ...progress,
    ...waiting,
    ended: total,
    verified: total,
    perMinute,
    endsAt: now + longestMs,
  }
  const fitting = forms.find(form => stringWidth(form(widest, now, plain)) + barMin + 3 <= columns)
  const form = fitting ?? shortest
  const text = form(progress, now, paint)
  const width = Math.min(barMax, columns - stringWidth(form(widest, now, plain)) - 3)
  if (width < barMin) return ` ${text}`
  const filled = total === 0 ? width : Math.floor((settledOf(progress) / total) * width)
  return ` ${paint('green', '█'.repeat(filled))}${'░'.repeat(width - filled)}  ${text}`
}

type Form = (progress: Readonly<Progress>, now: number, paint: Paint) => string

const shortest: Form = progress => rowsOf(progress)

/** The most detailed one first. */
const forms: Form[] = [
  (progress, now, paint) =>
    joinParts([
      `${rowsOf(progress)} rows`,
      throughputOf(progress),
      countsInWords(progress, paint),
      waitingBesides(progress),
      remainsText(progress, now),
    ]),
  (progress, now, paint) =>
    joinParts([
      `${rowsOf(progress)} rows`,
      throughputOf(progress),
      countsInSigns(progress, paint),
      waitingBesides(progress),
      remainsText(progress, now),
    ]),
  (progress, now, paint) =>
    joinParts([
      rowsOf(progress),
      throughputOf(progress),
      countsInSigns(progress, paint),
      remainsText(progress, now),
    ]),
  (progress, now, paint) =>
    joinParts([rowsOf(progress), countsInSigns(progress, paint), remainsText(progress, now)]),
  (progress, now) => joinParts([rowsOf(progress), remainsText(progress, now)]),
]

function joinParts(parts: string[]): string {
  return parts.filter(part => part !== '').join('  ')
}

function rowsOf(progress: Readonly<Progress>): string {
  return `${number(settledOf(progress))}/${number(progress.total)}`
}

/** After a stop the remaining rows end as not sent; they are not progress. */
function settledOf({ ended, outcomes }: Readonly<Progress>): number {
  return ended - outcomes.not_sent
}

function throughputOf(progress: Readonly<Progress>): string {
  return onlyLooksUp(progress) ? '' : `${number(Math.round(progress.perMinute))}/min`
}

/** Everything was sent, and some of it waits for a lookup. */
function onlyLooksUp({ mode, left, waitingForLookup }: Readonly<Progress>): boolean {
  return mode === 'import' && left === 0 && waitingForLookup > 0
}

/** What waits for a lookup while rows are still being sent. An audit looks up all of its rows. */
function waitingBesides(progress: Readonly<Progress>): string {
  const { mode, waitingForLookup } = progress
  return mode === 'audit' || waitingForLookup === 0 || onlyLooksUp(progress) ? '' : waitingText(progress)
}

function waitingText({ waitingForLookup }: Readonly<Progress>): string {
  return `${number(waitingForLookup)} to be looked up`
}

/** The time that is left; once everything was sent, what still waits for a lookup, and how long at most. */
function remainsText(progress: Readonly<Progress>, now: number): string {
  if (!onlyLooksUp(progress)) return timeLeft(progress, now)
  const { settledBy } = progress
  const atMost = settledBy === null ? '' : `, at most ${duration(Math.max(1000, settledBy - now))}`
  return `${waitingText(progress)}${atMost}`
}

function countsInWords(progress: Readonly<Progress>, paint: Paint): string {
  return joinParts(
    visibleCounts(progress).map(({ word, value, style }) => paint(style, `${number(value)} ${word}`)),
  )
}

function countsInSigns(progress: Readonly<Progress>, paint: Paint): string {
  return joinParts(
    visibleCounts(progress).map(({ sign, value, style }) => paint(style, `${sign} ${number(value)}`)),
  )
}

/** The legend for the signs of a narrow bar. */
export function barLegend(paint: Paint = plain): string {
  const signs = kinds
    .filter(({ always }) => always)
    .map(({ sign, word, style }) => `${paint(style, sign)} ${word}`)
  return signs.join('  ')
}

const barMin = 8
const barMax = 30
/** An ETA whose text is as wide as any. */
const longestMs = (33 * 60 + 20) * 60_000
/** The same for what a lookup takes at most. */
const longestSettleMs = 100 * 60_000

const kinds = [
  { key: 'verified', word: 'verified', sign: '✓', style: 'green', always: true },
  { key: 'unverifiable', word: 'not shown', sign: '·', style: 'green', always: false },
  { key: 'mismatched', word: 'differ', sign: '≠', style: 'yellow', always: true },
  { key: 'failed', word: 'failed', sign: '✗', style: 'red', always: true },
  { key: 'unknown', word: 'unknown', sign: '?', style: 'yellow', always: false },
] as const satisfies {
  key: keyof Progress
  word: string
  sign: string
  style: Style
  always: boolean
}[]

function visibleCounts(progress: Readonly<Progress>) {
  return kinds
    .map(kind => ({ ...kind, value: progress[kind.key] }))
    .filter(({ always, value }) => always || value > 0)
}

/** `75 min left`, and whether sending is paused at the moment. */
function timeLeft({ endsAt, pausedUntil }: Readonly<Progress>, now: number): string {
  const remaining = endsAt === null ? '' : `${duration(Math.max(1000, endsAt - now))} left`
  const pause = pausedUntil > now ? `paused ${duration(Math.max(1000, pausedUntil - now))}` : ''
  return [pause, remaining].filter(part => part !== '').join(', ')
}
