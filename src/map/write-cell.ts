import { isIdentifier } from '../braze/identifiers.ts'
import { type Json, textOf } from '../model/json.ts'
import { type Place, type Problem, problem, sample, TrackSyncError } from '../model/problem.ts'
import { coerce, type Coerced } from './coerce.ts'
import type { ColumnType } from './column-types.ts'
import type { Column } from './columns.ts'
import { type Draft, setPath } from './drafts.ts'
import type { MapSettings } from './mapping.ts'

/** Whether a cell is empty or white space. Such cells never overwrite a value unless the user chose that. */
export function isBlank(cell: string): boolean {
  return cell === '' || cell.trim() === ''
}

/** Writes a CSV cell to the body. `inferred` is the type of an undeclared column. */
export function writeCell(
  draft: Draft,
  column: Column,
  cell: string,
  place: Place,
  settings: MapSettings,
  inferred: ColumnType,
): void {
  const blank = isBlank(cell)
  if (settings.nullToken === cell || (blank && settings.empty === 'null')) {
    // Identifiers cannot be removed. Above all, `NULL` must not become the ID of a user.
    if (!isIdentifier(column.path[0] ?? '')) setPath(draft.body, column.path, null)
    return
  }
  if (blank) return
  // A fast path for plain text, which most cells are.
  if ((column.type ?? inferred) === 'string' && column.rule.values === undefined) {
    return setPath(draft.body, column.path, cell)
  }
  const converted = convertCell(cell, column, inferred)
  if ('value' in converted) return setPath(draft.body, column.path, converted.value)
  const { header } = column
  const message = `\`${header}\` should be ${converted.expected}; it is ${sample(cell)}.`
  reportCell(draft, settings, 'cell_type', message, place, {
    field: header,
    expected: converted.expected,
    came: sample(cell),
  })
}

/** Writes a field of a JSON record to the body. Only text with a declared type is converted. */
export function writeField(
  draft: Draft,
  column: Column,
  value: Json,
  place: Place,
  settings: MapSettings,
): void {
  const { type, rule } = column
  const isConverted = (type !== null && type !== 'string') || rule.values !== undefined
  const isMapped = rule.values !== undefined && (typeof value === 'number' || typeof value === 'boolean')
  if (isMapped || (typeof value === 'string' && isConverted && value !== '')) {
    return writeCell(draft, column, textOf(value), place, settings, 'string')
  }
  setPath(draft.body, column.path, value)
}

/** Reports a cell that cannot be written. Depending on the settings it invalidates the field, the row, or the run. */
export function reportCell(
  draft: Draft,
  { onTypeError }: MapSettings,
  code: Problem['code'],
  message: string,
  { file, row, line }: Place,
  details: Pick<Problem, 'field' | 'expected' | 'came'>,
): void {
  const found = problem(code, message, { file, row, line, ...details })
  if (onTypeError === 'stop') throw new TrackSyncError(code, message, found)
  if (onTypeError === 'field') draft.leftOut.push(found)
  else draft.problems.push(found)
}

function convertCell(cell: string, { type, rule }: Column, inferred: ColumnType): Coerced {
  if (rule.values === undefined) return coerce(cell, type ?? inferred, rule)
  if (Object.hasOwn(rule.values, cell)) return { value: rule.values[cell] as Json }
  return { expected: `one of ${Object.keys(rule.values).join(', ')}` }
}
