import { type Plan, planText } from '../index.ts'
import { plain } from '../report/layout.ts'
import { sayRequests } from '../report/plan-text.ts'
import { count, duration, number } from '../report/text.ts'
import type { Console } from './console.ts'

/** The plan on stderr: a table for people, one line for a log. */
export function sayPlan(
  planned: Plan,
  perMinute: number | null,
  isMost: boolean,
  console: Console,
  mustBeSeen = false,
): void {
  const { paint = plain } = console
  const text = `${paint('bold', 'Plan')}\n${planText(planned, perMinute, isMost, paint)}\n`
  const { objects, invalid, requests, minutes, dataPoints, kinds } = planned
  const fields = {
    event: 'plan',
    level: 'info' as const,
    laidOut: sayPlanShortly(planned, perMinute, isMost),
    files: planned.files.map(({ path, rows }) => ({ path, rows })),
    objects,
    invalid,
    requests,
    minutes,
    dataPoints,
    kinds,
    problems: planned.problems.map(({ code, times }) => ({ code, times })),
    foreseen: planned.foreseen.map(({ reason, times }) => ({ reason, times })),
  }
  if (mustBeSeen) console.error(text, fields)
  else console.log(text, fields)
}

function sayPlanShortly(planned: Plan, perMinute: number | null, isMost: boolean): string {
  const most = isMost ? 'at most ' : ''
  return `Plan: ${count(planned.objects, 'row')}; requests: ${most}${sayRequests(planned, perMinute)}; refused: ${number(planned.invalid)}.`
}

/** What somebody is asked before anything leaves: the figures that matter stand in the question itself. */
export function sayQuestion({ requests, minutes, invalid }: Plan, url: string, isMost: boolean): string {
  const takes = minutes === null || minutes < 1 ? '' : `, in about ${duration(minutes * 60_000)}`
  const without =
    invalid === 0 ? '' : ` without the ${count(invalid, 'row')} that ${invalid === 1 ? 'is' : 'are'} refused`
  return `Send ${isMost ? 'at most ' : ''}${count(requests, 'request')} to ${url}${takes}${without}?`
}
