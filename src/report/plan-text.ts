import { meansOf } from '../model/foreseen.ts'
import { type Plan, type PlanColumn, type PlanFile, type Shape, shapes } from '../model/plan.ts'
import { problemCodes, sayPlace } from '../model/problem.ts'
import { count, duration, number } from './text.ts'

/**
 * The plan for a terminal: what would be sent, how long it takes, what would be refused, and what would be lost. With
 * `isMost` the requests are the most there can be: some rows may ride with others, or need not be sent.
 */
export function planText(plan: Plan, perMinute: number | null, isMost = false): string {
  const kinds = Object.entries(plan.kinds).map(([kind, objects]) => `${number(objects)} ${kind}`)
  const at = perMinute === null ? 'no limit' : `${number(perMinute)} a minute`
  const takes =
    plan.minutes === null
      ? ''
      : `, ${plan.minutes < 1 / 60 ? '' : 'about '}${duration(plan.minutes * 60_000)}`
  const files = plan.files.map(
    file => `${file.path} (${[...writingOf(file), count(file.rows, 'row')].join(', ')})`,
  )
  return [
    ...figure('files', files.join(', ')),
    ...figure('requests', `${isMost ? 'at most ' : ''}${number(plan.requests)} at ${at}${takes}`),
    ...figure('objects', kinds.join(', ') || 'none'),
    ...figure('data points', number(plan.dataPoints)),
    ...figure('refused', plan.invalid === 0 ? 'none' : `${count(plan.invalid, 'row')}, never sent`),
    ...plan.problems.flatMap(({ code, times, first }) => [
      ...fold(`    ${code}  ${number(times)}: ${problemCodes[code].means}`, 6),
      ...fold(`      ${sayPlace(first)}: ${first.message}`, 8),
    ]),
    ...foreseenLines(plan),
    ...columnLines(Object.entries(plan.columns), plan.files.length > 1),
  ].join('\n')
}

/** How a file is written, as far as that is not what everybody expects. */
function writingOf({ format, delimiter, encoding, packing, shapes: found }: PlanFile): string[] {
  const between = delimiter === null ? [] : [`${delimiterNames[delimiter] ?? delimiter} between cells`]
  const from = Object.keys(found).map(shape => shapes[shape as Shape])
  return [
    from.length === 0 ? format : `${format} of ${from.join(' and ')}`,
    ...between,
    ...(encoding === 'utf-8' ? [] : [encoding]),
    ...(packing === null ? [] : [packing]),
  ]
}

const delimiterNames: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' }

function foreseenLines({ foreseen }: Plan): string[] {
  if (foreseen.length === 0) return []
  const values = count(
    foreseen.reduce((sum, { times }) => sum + times, 0),
    'value',
  )
  return [
    ...figure('foreseen', `${values} to be sent, and not stored as asked`),
    ...foreseen.flatMap(({ reason, times, first }) => [
      ...fold(`    ${reason}  ${number(times)}: ${meansOf(reason)}`, 6),
      ...fold(`      ${sayPlace(first)}: ${first.message}`, 8),
    ]),
  ]
}

function columnLines(columns: [string, PlanColumn][], several: boolean): string[] {
  if (columns.length === 0) return []
  const found = columns.some(([, { declared }]) => !declared)
  const width = Math.min(24, Math.max(...columns.map(([name]) => name.length)))
  return [
    '',
    `  columns${found ? ' (a type not declared was found; declare it with --type COLUMN=TYPE)' : ''}`,
    ...columns.flatMap(([name, column]) => [
      ...fold(`    ${name.padEnd(width)}  ${figuresOf(column)}`, 8),
      ...column.problems.flatMap(({ code, times, example }) => {
        const { file, line } = example
        const at = line === undefined ? '' : `, first on line ${line}${several ? ` of ${file}` : ''}`
        return fold(`      ${code}  ${number(times)}${at}: ${example.message}`, 8)
      }),
    ]),
  ]
}

function figuresOf(column: PlanColumn): string {
  const blank = column.empty === 0 ? '' : `, ${number(column.empty)} empty`
  if (column.declared) return `${column.type}${isFilling(column.type) ? ', declared' : ''}${blank}`
  const { spoiledBy } = column
  const why =
    spoiledBy === undefined
      ? ''
      : `; line ${spoiledBy.line} holds ${JSON.stringify(spoiledBy.cell.slice(0, cellMax))}${spoiledBy.cell.length > cellMax ? '…' : ''}`
  return `${column.type}${blank}${why}`
}

/** A cell is shown to be found again, not to be read. */
const cellMax = 40

function isFilling(type: string): boolean {
  return type !== 'ignored' && type !== 'kind'
}

function figure(name: string, text: string): string[] {
  return fold(`  ${name.padEnd(11)}  ${text}`, 15)
}

/** Breaks a line at spaces so that it fits a terminal of 80 columns; what has no spaces stays whole. */
function fold(line: string, indent: number): string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > 80) {
    const margin = rest.length - rest.trimStart().length
    const before = rest.lastIndexOf(' ', 80)
    const at = before > margin ? before : rest.indexOf(' ', 80)
    if (at < 0) break
    lines.push(rest.slice(0, at).trimEnd())
    rest = ' '.repeat(indent) + rest.slice(at).trimStart()
  }
  return [...lines, rest]
}
