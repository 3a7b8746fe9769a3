import type { Plan } from '../model/plan.ts'
import { problemCodes, sayPlace } from '../model/problem.ts'
import { count, duration, number } from './text.ts'

/** The plan for a terminal: what would be sent, how long it takes, and what would be refused. */
export function planText(plan: Plan, perMinute: number | null): string {
  const kinds = Object.entries(plan.kinds).map(([kind, objects]) => `${number(objects)} ${kind}`)
  const at = perMinute === null ? 'no limit' : `${number(perMinute)} a minute`
  const takes =
    plan.minutes === null
      ? ''
      : `, ${plan.minutes < 1 / 60 ? '' : 'about '}${duration(plan.minutes * 60_000)}`
  const files = plan.files.map(({ path, rows, format }) => `${path} (${format}, ${count(rows, 'row')})`)
  const lines = [
    `  files        ${files.join(', ')}`,
    `  requests     ${number(plan.requests)} at ${at}${takes}`,
    `  objects      ${kinds.join(', ') || 'none'}`,
    `  data points  ${number(plan.dataPoints)}`,
    `  refused      ${plan.invalid === 0 ? 'none' : `${count(plan.invalid, 'row')}, never sent`}`,
  ]
  for (const { code, times, first } of plan.problems) {
    lines.push(
      `    ${code}  ${number(times)}: ${problemCodes[code].means}`,
      `      ${sayPlace(first)}: ${first.message}`,
    )
  }
  const columns = Object.entries(plan.columns)
  if (columns.length > 0) lines.push('', '  column types found (declare others with --type COLUMN=TYPE)')
  const width = Math.max(0, ...columns.map(([name]) => name.length))
  for (const [name, { type, empty, spoiledBy }] of columns) {
    const why =
      spoiledBy === undefined ? '' : `; line ${spoiledBy.line} holds ${JSON.stringify(spoiledBy.cell)}`
    const blank = empty === 0 ? '' : `, ${number(empty)} empty`
    lines.push(`    ${name.padEnd(width)}  ${type}${blank}${why}`)
  }
  return lines.join('\n')
}
