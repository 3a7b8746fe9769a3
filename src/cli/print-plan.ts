import { createInterface } from 'node:readline/promises'
import { type ErrorBudget, type Plan, planText } from '../index.ts'
import { spentByPlan } from '../model/progress.ts'
import { plain } from '../report/layout.ts'
import { lookupsText } from '../report/plan-lookups.ts'
import { requestsText, overspentText } from '../report/plan-text.ts'
import { count, duration, number } from '../report/summary-text.ts'
import type { Console } from './console.ts'

/** The settings that the text of a plan depends on. */
export interface PlanTerms {
  perMinute: number | null
  /** The number of requests is an upper bound. */
  isMost: boolean
  maxErrors: ErrorBudget
}

/** The plan on stderr: a table for people, one line for a log. */
export function printPlan(planned: Plan, terms: PlanTerms, console: Console, ignoresQuiet = false): void {
  const { perMinute, isMost, maxErrors } = terms
  const { paint = plain } = console
  const text = `${paint('bold', 'Plan')}\n${planText(planned, perMinute, isMost, paint, maxErrors)}\n`
  const overspent = spentByPlan(planned, maxErrors)
  const { objects, invalid, requests, minutes, dataPoints, kinds, lookups } = planned
  const fields = {
    event: 'plan',
    level: 'info' as const,
    logMessage: shortPlan(planned, terms),
    files: planned.files.map(({ path, rows }) => ({ path, rows })),
    objects,
    invalid,
    ...(overspent === undefined ? {} : { maxErrors: overspent.allowed, maxErrorsNeeded: overspent.needed }),
    requests,
    minutes,
    dataPoints,
    kinds,
    ...(lookups === undefined ? {} : { lookups }),
    problems: planned.problems.map(({ code, times }) => ({ code, times })),
    foreseen: planned.foreseen.map(({ reason, times }) => ({ reason, times })),
  }
  if (ignoresQuiet) console.error(text, fields)
  else console.log(text, fields)
}

function shortPlan(planned: Plan, { perMinute, isMost, maxErrors }: PlanTerms): string {
  const most = isMost ? 'at most ' : ''
  const looks = lookupsText(planned)
  const parts = [
    count(planned.objects, 'row'),
    `requests: ${most}${requestsText(planned, perMinute)}`,
    ...(looks === undefined ? [] : [`lookups: ${looks}`]),
    `invalid: ${number(planned.invalid)}`,
  ]
  const figures = `Plan: ${parts.join('; ')}.`
  return [figures, overspentText(planned, maxErrors) ?? []].flat().join(' ')
}

/** The question before anything is sent; it contains the figures that matter. */
export function questionText(planned: Plan, { isMost, maxErrors }: PlanTerms, url: string): string {
  const { requests, minutes, invalid } = planned
  const overspent = overspentText(planned, maxErrors)
  if (overspent !== undefined) return `${overspent} Start the run anyway?`
  const takes = minutes === null || minutes < 1 ? '' : `, in about ${duration(minutes * 60_000)}`
  const without = invalid === 0 ? '' : `, without the ${count(invalid, 'invalid row')}`
  return `Send ${isMost ? 'at most ' : ''}${count(requests, 'request')} to ${url}${takes}${without}?`
}

/** Asks on the terminal. Anything but yes is a no; so are Ctrl-C and the end of input. */
export async function confirmed(question: string, console: Console, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>(resolve => {
    terminal.once('SIGINT', () => terminal.close()).once('close', () => resolve(''))
    signal.addEventListener('abort', () => terminal.close())
  })
  // In a JSON log the question is a line like all others.
  if (console.isLog === true) console.error(question, { event: 'question', level: 'info' })
  const answer = await Promise.race([
    terminal.question(console.isLog === true ? '' : `${question} [y/N] `),
    closed,
  ])
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
