import { outcomeNames, outcomes } from '../model/outcome.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { type Bucket, type ReasonCode, reasons, isReasonCode } from '../model/verdict.ts'

/** One sentence that says how the run went. */
export function verdictOnRun(summary: Summary, facts: RunFacts): string {
  const { objects } = summary
  if (facts.stop !== null) return `Stopped. ${facts.stop.message}`
  if (summary.status === 'interrupted') return 'Interrupted: the process ended before the run did.'
  const needing = outcomeNames.filter(name => outcomes[name].attention)
  const attention = needing.reduce((sum, name) => sum + objects[outcomes[name].key], 0)
  if (attention > 0) return `Finished; ${count(attention, 'row')} of ${number(objects.total)} need attention.`
  const { match, unverifiable } = buckets(summary)
  if (match === 0) return `Finished; ${count(objects.total, 'row')} accepted, with no values to compare.`
  const unseen = unverifiable === 0 ? '' : ` (${number(unverifiable)} more are not shown in the answers)`
  const compared =
    match === 1
      ? 'the one value that could be compared is'
      : `all ${number(match)} values that could be compared are`
  return `Finished; ${compared} stored as asked${unseen}.`
}

/** The summary for a terminal: every figure with its meaning. */
export function summaryText(summary: Summary, facts: RunFacts): string {
  const { objects, requests, values } = summary
  const shown = outcomeNames.filter(name => objects[outcomes[name].key] > 0)
  const width = Math.max(5, ...shown.map(name => number(objects[outcomes[name].key]).length))
  const lines = [
    verdictOnRun(summary, facts),
    '',
    ...shown.map(name => figure(name, objects[outcomes[name].key], width, outcomes[name].means)),
    figure(
      'total',
      objects.total,
      width,
      `${summary.inputs.map(input => input.path).join(', ')} → ${summary.target}`,
    ),
    '',
  ]
  if (values.total > 0) {
    const { match, differ, unverifiable } = buckets(summary)
    lines.push(
      `  values    ${number(match)} as asked, ${number(differ)} differ, ${number(unverifiable)} not to be seen in the answers`,
    )
  }
  const pace = requests.sent > 1 ? `, ${requests.perMinute} a minute` : ''
  const resumed = facts.resumes === 0 ? '' : `, resumed ${count(facts.resumes, 'time')}`
  const rode = requests.coalesced > 0 ? `, ${count(requests.coalesced, 'row')} in the request of another` : ''
  const waits = requests.rateLimited > 0 ? `, ${number(requests.rateLimited)} answers of 429` : ''
  lines.push(
    `  requests  ${number(requests.sent)} in ${duration(summary.durationMs)}${pace}${resumed}${rode}${waits}`,
  )
  if (summary.overtaken > 0) {
    lines.push(
      `  overtaken ${count(summary.overtaken, 'row')} that did not get through; sending them again would undo newer data`,
    )
  }
  if (facts.waitedForLanesMs >= worthTellingMs) {
    lines.push(
      `  waited    ${duration(facts.waitedForLanesMs)}, because the rows read ahead were of a few users, whose rows go one at a time`,
    )
  }
  const causes = Object.entries(summary.reasons).filter(
    ([code]) => isReasonCode(code) && reasons[code].counts === 'differ',
  )
  for (const [code, times] of causes.slice(0, 5)) {
    lines.push(`  ${code}  ${number(times)}: ${reasons[code as ReasonCode].means}`)
  }
  return lines.join('\n')
}

/** A wait for other rows of the same users is worth a line from here on. */
const worthTellingMs = 5000

/** How many values are as asked, are not, and cannot be seen. */
export function buckets({ reasons: times }: Summary): Record<Bucket, number> {
  const sums = { match: 0, differ: 0, unverifiable: 0 }
  for (const [code, found] of Object.entries(times))
    if (isReasonCode(code)) sums[reasons[code].counts] += found
  return sums
}

function figure(name: string, value: number, width: number, means: string): string {
  return `  ${name.padEnd(13)} ${number(value).padStart(width)}  ${means}`
}

/** `12,430` */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 row`, `12 rows` */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `14 s`, `24 min`, `33 h 20 min` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 1) return 'less than a second'
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
