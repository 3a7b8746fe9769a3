import stringWidth from 'string-width'
import type { Progress } from '../model/progress.ts'
import { type Paint, plain, type Style } from './layout.ts'
import { count, duration, number } from './summary-text.ts'

/** How far a run is, as a line of a log. */
export function progressLine(progress: Readonly<Progress>, now: number): string {
  const { total, perMinute } = progress
  const figures = shownOf(progress).map(({ word, value }) => `${number(value)} ${word}`)
  const parts = [
    `${number(doneOf(progress))} of ${count(total, 'row')}, ${number(Math.round(perMinute))} a minute`,
    figures.join(', '),
    sayEnd(progress, now),
  ]
  return parts.filter(part => part !== '').join('; ')
}

/** The same as one line of a terminal: a bar, and as many words as fit beside it. */
export function progressBar(
  progress: Readonly<Progress>,
  now: number,
  columns: number,
  paint: Paint = plain,
): string {
  const { total } = progress
  // What fits is decided by how wide it may get, so that the bar neither grows nor shrinks on its way.
  const perMinute = Math.max(1000, progress.perMinute)
  const widest = { ...progress, ended: total, verified: total, perMinute, endsAt: now + longestMs }
  const fitting = forms.find(form => stringWidth(form(widest, now, plain)) + barMin + 3 <= columns)
  const form = fitting ?? shortest
  const text = form(progress, now, paint)
  const width = Math.min(barMax, columns - stringWidth(form(widest, now, plain)) - 3)
  if (width < barMin) return ` ${text}`
  const filled = total === 0 ? width : Math.floor((doneOf(progress) / total) * width)
  return ` ${paint('green', '█'.repeat(filled))}${'░'.repeat(width - filled)}  ${text}`
}

type Form = (progress: Readonly<Progress>, now: number, paint: Paint) => string

const shortest: Form = progress => rowsOf(progress)

/** The most telling one first. */
const forms: Form[] = [
  (progress, now, paint) =>
    joined([`${rowsOf(progress)} rows`, paceOf(progress), inWords(progress, paint), sayEnd(progress, now)]),
  (progress, now, paint) =>
    joined([`${rowsOf(progress)} rows`, paceOf(progress), inSigns(progress, paint), sayEnd(progress, now)]),
  (progress, now, paint) =>
    joined([rowsOf(progress), paceOf(progress), inSigns(progress, paint), sayEnd(progress, now)]),
  (progress, now, paint) => joined([rowsOf(progress), inSigns(progress, paint), sayEnd(progress, now)]),
  (progress, now) => joined([rowsOf(progress), sayEnd(progress, now)]),
]

function joined(parts: string[]): string {
  return parts.filter(part => part !== '').join('  ')
}

function rowsOf(progress: Readonly<Progress>): string {
  return `${number(doneOf(progress))}/${number(progress.total)}`
}

/** After a stop the rows that are left end as well, which is nothing to boast of. */
function doneOf({ ended, outcomes }: Readonly<Progress>): number {
  return ended - outcomes.not_sent
}

function paceOf({ perMinute }: Readonly<Progress>): string {
  return `${number(Math.round(perMinute))}/min`
}

function inWords(progress: Readonly<Progress>, paint: Paint): string {
  return joined(shownOf(progress).map(({ word, value, style }) => paint(style, `${number(value)} ${word}`)))
}

function inSigns(progress: Readonly<Progress>, paint: Paint): string {
  return joined(shownOf(progress).map(({ sign, value, style }) => paint(style, `${sign} ${number(value)}`)))
}

/** What the signs of a narrow bar stand for. */
export function barLegend(paint: Paint = plain): string {
  const signs = kinds
    .filter(({ always }) => always)
    .map(({ sign, word, style }) => `${paint(style, sign)} ${word}`)
  return signs.join('  ')
}

const barMin = 8
const barMax = 30
/** A time left whose words are as wide as any. */
const longestMs = (33 * 60 + 20) * 60_000

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

function shownOf(progress: Readonly<Progress>) {
  return kinds
    .map(kind => ({ ...kind, value: progress[kind.key] }))
    .filter(({ always, value }) => always || value > 0)
}

/** `75 min left`, and whether everyone waits at this moment. */
function sayEnd({ endsAt, pausedUntil }: Readonly<Progress>, now: number): string {
  const left = endsAt === null ? '' : `${duration(Math.max(1000, endsAt - now))} left`
  const pause = pausedUntil > now ? `paused ${duration(Math.max(1000, pausedUntil - now))}` : ''
  return [pause, left].filter(part => part !== '').join(', ')
}
