import { isIdentifier } from '../braze/identifiers.ts'
import { type Json, textOf } from '../model/json.ts'
import { type Place, type Problem, problem, sample, TrackSyncError } from '../model/problem.ts'
import { coerce, type Coerced } from './coerce.ts'
import type { ColumnType } from './column-types.ts'
import type { Column } from './columns.ts'
import { type Drafted, setPath } from './draft.ts'
import type { MapSettings } from './mapping.ts'

/** Nothing but white space. An empty cell says nothing; it never overwrites unless the user says so. */
export function isBlank(cell: string): boolean {
  return cell === '' || cell.trim() === ''
}

/** Writes one cell of a CSV row into the body. `inferred` is the type of a column that nobody declared. */
export function writeCell(
  draft: Drafted,
  column: Column,
  cell: string,
  place: Place,
  settings: MapSettings,
  inferred: ColumnType,
): void {
  const blank = isBlank(cell)
  if (settings.nullToken === cell || (blank && settings.empty === 'null')) {
    // An identifier cannot be removed: a cell that says so names nobody, and least of all a user called `NULL`.
    if (!isIdentifier(column.path[0] ?? '')) setPath(draft.body, column.path, null)
    return
  }
  if (blank) return
  // Text that is taken as it is: most cells, so that nothing is made for them that is not kept.
  if ((column.type ?? inferred) === 'string' && column.rule.values === undefined) {
    return setPath(draft.body, column.path, cell)
  }
  const read = readCell(cell, column, inferred)
  if ('value' in read) return setPath(draft.body, column.path, read.value)
  const { header } = column
  const message = `\`${header}\` should be ${read.expected}; it is ${sample(cell)}.`
  unfit(draft, settings, 'cell_type', message, place, {
    field: header,
    expected: read.expected,
    came: sample(cell),
  })
}

/** Writes one field of a JSON record into the body. Only text with a declared type is read anew. */
export function writeField(
  draft: Drafted,
  column: Column,
  value: Json,
  place: Place,
  settings: MapSettings,
): void {
  const { type, rule } = column
  const declared = (type !== null && type !== 'string') || rule.values !== undefined
  const listed = rule.values !== undefined && (typeof value === 'number' || typeof value === 'boolean')
  if (listed || (typeof value === 'string' && declared && value !== '')) {
    return writeCell(draft, column, textOf(value), place, settings, 'string')
  }
  setPath(draft.body, column.path, value)
}

/** What a cell that cannot be written costs is the user's choice: the field, the row, or the run. */
export function unfit(
  draft: Drafted,
  { onTypeError }: MapSettings,
  code: Problem['code'],
  message: string,
  { file, row, line }: Place,
  more: Pick<Problem, 'field' | 'expected' | 'came'>,
): void {
  const found = problem(code, message, { file, row, line, ...more })
  if (onTypeError === 'stop') throw new TrackSyncError(code, message, found)
  if (onTypeError === 'field') draft.leftOut.push(found)
  else draft.problems.push(found)
}

function readCell(cell: string, { type, rule }: Column, inferred: ColumnType): Coerced {
  if (rule.values === undefined) return coerce(cell, type ?? inferred, rule)
  if (Object.hasOwn(rule.values, cell)) return { value: rule.values[cell] as Json }
  return { expected: `one of ${Object.keys(rule.values).join(', ')}` }
}
