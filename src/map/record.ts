import { isIdentifier } from '../model/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, setKey, textOf } from '../model/json.ts'
import { type Problem, problem, sample, TrackSyncError } from '../model/problem.ts'
import type { Place } from '../model/place.ts'
import { type Coerced, coerce } from './coerce.ts'
import type { Column } from './columns.ts'
import type { MapSettings } from './mapping.ts'
import type { ColumnType } from './types.ts'

/** What one record became: a body, and the cells that did not fit. */
export interface Drafted {
  body: JsonObject
  problems: Problem[]
  leftOut: Problem[]
}

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
  const clears = settings.nullToken === cell || (settings.empty === 'null' && isBlank(cell))
  // An identifier cannot be removed: a cell that says so names nobody, and least of all a user called `NULL`.
  if (clears && isIdentifier(column.path[0] ?? '')) return
  if (clears) return setPath(draft.body, column.path, null)
  if (isBlank(cell)) return
  const read = readCell(cell, column, inferred)
  if ('value' in read) return setPath(draft.body, column.path, read.value)
  const { header } = column
  const message = `\`${header}\` should be ${read.expected}; it is ${sample(cell)}.`
  const { file, row, line } = place
  const found = problem('cell_type', message, {
    file,
    row,
    line,
    field: header,
    expected: read.expected,
    came: sample(cell),
  })
  if (settings.onTypeError === 'stop') throw new TrackSyncError('cell_type', message, found)
  if (settings.onTypeError === 'field') draft.leftOut.push(found)
  else draft.problems.push(found)
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

function readCell(cell: string, { type, rule }: Column, inferred: ColumnType): Coerced {
  if (rule.values === undefined) return coerce(cell, type ?? inferred, rule)
  if (Object.hasOwn(rule.values, cell)) return { value: rule.values[cell] as Json }
  return { expected: `one of ${Object.keys(rule.values).join(', ')}` }
}

/** Sets a value at a path, making the objects on the way. */
export function setPath(body: JsonObject, path: string[], value: Json): void {
  const last = path.length - 1
  let object = body
  for (let i = 0; i < last; i++) {
    const step = path[i] ?? ''
    const there = Object.hasOwn(object, step) ? object[step] : undefined
    const next = isJsonObject(there) ? there : {}
    if (next !== there) setKey(object, step, next)
    object = next
  }
  setKey(object, path[last] ?? '', value)
}
