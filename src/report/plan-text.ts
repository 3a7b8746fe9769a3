import { meansOf } from '../model/foreseen.ts'
import { type Plan, type PlanColumn, type PlanFile, type Shape, shapes } from '../model/plan.ts'
import { problemCodes, sayPlace } from '../model/problem.ts'
import { type ErrorBudget, spentByPlan } from '../model/progress.ts'
import { type Paint, plain, table, wrap } from './layout.ts'
import { isAudit, lookupFigures, paceText } from './plan-lookups.ts'
import { count, duration, number, some } from './summary-text.ts'

/**
 * The plan for a terminal: what will be sent, how long it takes, which rows are invalid, and which values will not be
 * stored. With `isMost` the number of requests is an upper bound: some rows may be merged, or need not be sent. With
 * `maxErrors` it says whether the invalid rows alone would stop the run.
 */
export function planText(
  plan: Plan,
  perMinute: number | null,
  isMost = false,
  paint: Paint = plain,
  maxErrors?: ErrorBudget,
): string {
  const overspent = maxErrors === undefined ? undefined : overspentText(plan, maxErrors)
  const kinds = Object.entries(plan.kinds).map(([kind, objects]) => {
    return kind === 'attributes' ? `${number(objects)} ${kind}` : count(objects, kind.slice(0, -1))
  })
  const files = plan.files.map(
    file => `${file.path} (${[...formatOf(file), count(file.rows, 'row')].join(', ')})`,
  )
  const left = isAudit(plan) ? 'will not be compared' : 'will not be sent'
  const invalid = plan.invalid === 0 ? 'none' : paint('red', `${count(plan.invalid, 'row')}, ${left}`)
  return [
    ...figure('files', some(files, 'file')),
    ...figure('requests', `${isMost ? 'at most ' : ''}${requestsText(plan, perMinute)}`),
    ...busiestLines(plan),
    ...lookupFigures(plan).flatMap(([name, text]) => figure(name, text)),
    ...figure('objects', kinds.join(', ') || 'none'),
    ...(isAudit(plan) ? [] : figure('data points', number(plan.dataPoints))),
    ...figure('invalid', invalid),
    ...(overspent === undefined ? [] : figure('', paint('red', overspent))),
    ...plan.problems.flatMap(({ code, times, first }) => [
      ...wrap(`    ${code}  ${number(times)}: ${problemCodes[code].means}`, 6),
      ...wrap(`      ${sayPlace(first)}: ${first.message}`, 8),
    ]),
    ...foreseenLines(plan, paint),
    ...columnLines(Object.entries(plan.columns), plan.files.length > 1, paint),
  ].join('\n')
}

/** Says so if the invalid rows alone use up the error budget, and which budget is needed. */
export function overspentText(plan: Plan, maxErrors: ErrorBudget): string | undefined {
  const overspent = spentByPlan(plan, maxErrors)
  if (overspent === undefined) return undefined
  const rows = plan.invalid === 1 ? '1 invalid row uses' : `${number(plan.invalid)} invalid rows use`
  return `${rows} up the error budget of ${number(overspent.allowed)}, so nothing is sent. Fix ${plan.invalid === 1 ? 'it' : 'them'}, or pass --max-errors ${overspent.needed}.`
}

/** The format of a file, with whatever is out of the ordinary. */
function formatOf({ format, delimiter, encoding, packing, shapes: found }: PlanFile): string[] {
  const between = delimiter === null ? [] : [`${delimiterNames[delimiter] ?? delimiter}-delimited`]
  const from = Object.keys(found).map(shape => shapes[shape as Shape])
  return [
    from.length === 0 ? format : `${format} from ${from.join(' and ')}`,
    ...between,
    ...(encoding === 'utf-8' ? [] : [encoding]),
    ...(packing === null ? [] : [packing]),
  ]
}

const delimiterNames: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' }

/** `1,000 at 500 a minute, about 2 min` */
export function requestsText(plan: Plan, perMinute: number | null): string {
  if (isAudit(plan)) return 'none, an audit sends nothing'
  return `${number(plan.requests)} ${paceText(perMinute, plan.minutes)}`
}

/** The rows of one user may take longer than all others together. */
function busiestLines(plan: Plan): string[] {
  const { busiest, minutes } = plan
  const rows = Math.max(
    0,
    ...(busiest?.users ?? []).map(user => user.rows.reduce((sum, one) => sum + one, 0)),
  )
  if (minutes === null || isAudit(plan) || rows * slowResponseMs < minutes * 60_000) return []
  const takes = duration(rows * slowResponseMs)
  if (rows * slowResponseMs < shownFromMs) return []
  return figure(
    '',
    `One user has ${count(rows, 'row')}, which are sent one at a time: ${takes} at one response per second.`,
  )
}

/** Responses take less than this, as far as is known. */
const slowResponseMs = 1000
const shownFromMs = 60_000

function foreseenLines({ foreseen }: Plan, paint: Paint): string[] {
  if (foreseen.length === 0) return []
  const values = count(
    foreseen.reduce((sum, { times }) => sum + times, 0),
    'value',
  )
  return [
    ...figure('foreseen', paint('yellow', `${values} that will not be stored as requested`)),
    ...foreseen.flatMap(({ reason, times, first }) => [
      ...wrap(`    ${reason}  ${number(times)}: ${meansOf(reason)}`, 6),
      ...wrap(`      ${sayPlace(first)}: ${first.message}`, 8),
    ]),
  ]
}

/** A table of the columns, with the problems below each. Of very many, the first ones and all with problems. */
function columnLines(all: [string, PlanColumn][], several: boolean, paint: Paint): string[] {
  if (all.length === 0) return []
  const columns = all.filter(([, { problems }], i) => i < columnsShownMax || problems.length > 0)
  const hidden = all.length - columns.length
  const heads = [...['column', 'type', 'filled', 'empty'].map(head => paint('dim', head)), '']
  const rows = columns.map(([name, column]) => {
    // A terminal obeys control characters.
    const shown = name.replaceAll(/\p{Cc}/gu, '·')
    const empty = column.empty === 0 ? '' : number(column.empty)
    return [shown, column.type, number(column.filled), empty, noteOf(column)]
  })
  const [head = [], ...lines] = table([heads, ...rows], 2, [2, 3])
  const found = columns.some(([, { declared }]) => !declared)
  return [
    '',
    ...head,
    ...columns.flatMap(([, { problems }], i) => [
      ...(lines[i] ?? []),
      ...problems.flatMap(({ code, times, example }) => {
        const { file, line } = example
        const at = line === undefined ? '' : `, first on line ${line}${several ? ` of ${file}` : ''}`
        return wrap(`      ${code}  ${number(times)}${at}: ${example.message}`, 8)
      }),
    ]),
    ...(hidden === 0
      ? []
      : [`  and ${count(hidden, 'more column')} without problems; --json lists them all`]),
    ...(found ? ['', '  To override an inferred type: --type COLUMN=TYPE.'] : []),
  ]
}

/** Nobody reads more of them before answering. */
const columnsShownMax = 100

function noteOf(column: PlanColumn): string {
  if (column.declared) return fillsField(column.type) ? 'declared' : ''
  const { spoiledBy } = column
  if (spoiledBy === undefined) return 'inferred'
  const cell = JSON.stringify(spoiledBy.cell.slice(0, cellMax))
  return `inferred; line ${spoiledBy.line} has ${cell}${spoiledBy.cell.length > cellMax ? '…' : ''}`
}

/** A cell is shown so that it can be found, not to be read. */
const cellMax = 40

function fillsField(type: string): boolean {
  return type !== 'ignored' && type !== 'kind'
}

function figure(name: string, text: string): string[] {
  return wrap(`  ${name.padEnd(11)}  ${text}`, 15)
}
