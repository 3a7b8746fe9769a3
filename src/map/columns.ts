import { fieldOf, type FieldType } from '../braze/fields.ts'
import { isIdentifier } from '../braze/identifiers.ts'
import type { Json } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { type ColumnType, splitTypedName } from './column-types.ts'
import { type ColumnRule, constantOf, type MapSettings } from './mapping.ts'

/** A column and the field it fills. `type` is null if it is not declared, and then inferred. */
export interface Column {
  header: string
  path: string[]
  type: ColumnType | null
  rule: ColumnRule
  /** Set if the column only applies to rows of this event. */
  event?: string
}

const aliasPaths: Record<string, string[]> = {
  'user_alias.alias_name': ['user_alias', 'alias_name'],
  'user_alias.alias_label': ['user_alias', 'alias_label'],
  user_alias_name: ['user_alias', 'alias_name'],
  user_alias_label: ['user_alias', 'alias_label'],
  'Appboy ID': ['braze_id'],
}

/**
 * The fields that a column fills; none if it is ignored. Flags override the mapping, the mapping overrides the header.
 */
export function columnsFor(header: string, kind: Kind | null, settings: MapSettings): Column[] {
  const typed = splitTypedName(header)
  const names = [header, typed.name]
  const { mapping } = settings
  const kindName = kindColumn(settings)
  const rule = names.map(name => ownValue(mapping?.columns, name)).find(found => found !== undefined)
  const ids = identifierColumns(settings)
  const columns: Column[] = []
  for (const [field, column] of Object.entries(ids)) {
    if (names.includes(column)) columns.push({ header, path: pathOf(field, kind), type: 'string', rule: {} })
  }
  if (rule === 'ignore' || (kindName !== undefined && names.includes(kindName))) return columns
  if (rule === undefined && columns.length > 0) return columns

  const path = pathOf(rule?.to ?? typed.name, kind)
  const isMapped = rule !== undefined || (Object.keys(ids).length === 0 && isIdentifier(path[0] ?? ''))
  if (mapping?.rest === 'ignore' && !isMapped) return columns
  const declared = names.map(name => ownValue(settings.columnTypes, name)).find(type => type !== undefined)
  const fallback = settings.types === 'text' ? 'string' : null
  const type =
    declared ?? rule?.type ?? typed.type ?? impliedType(rule) ?? typeOfField(path, kind) ?? fallback
  columns.push({ header, path, type, rule: rule ?? {} })
  return columns
}

/** The path that a name refers to: a top-level field, part of an alias, or a path into `properties`. */
export function pathOf(name: string, kind: Kind | null): string[] {
  const alias = ownValue(aliasPaths, name)
  if (alias !== undefined) return alias
  const nested = kind !== 'attributes' && name.startsWith('properties.')
  return nested ? name.split('.') : [name]
}

/** The columns of identifiers, as flags or the mapping name them; constants are not included. */
export function identifierColumns({ id, mapping }: MapSettings): Record<string, string> {
  if (id !== undefined && Object.keys(id).length > 0) return id
  const columnNames: Record<string, string> = {}
  for (const [field, source] of identifierSources(mapping))
    if (typeof source === 'string') columnNames[field] = source
  return columnNames
}

/** The constant values that every object gets, including constant identifiers. */
export function constantsOf(
  { id, mapping }: MapSettings,
  kind: Kind | null,
): { path: string[]; value: Json }[] {
  const constants = Object.entries(mapping?.constants ?? {}).map(([name, value]) => ({
    path: pathOf(name, kind),
    value,
  }))
  if (id !== undefined && Object.keys(id).length > 0) return constants
  for (const [field, source] of identifierSources(mapping)) {
    const value = constantOf(source)
    if (value !== undefined) constants.push({ path: pathOf(field, kind), value })
  }
  return constants
}

/** The column with the kind of each row, if the mapping names one. */
export function kindColumn({ mapping }: MapSettings): string | undefined {
  return typeof mapping?.kind === 'object' ? mapping.kind.column : undefined
}

function identifierSources(mapping: MapSettings['mapping']): [string, string | { const: string }][] {
  const sources: [string, string | { const: string }][] = []
  for (const [name, source] of Object.entries(mapping?.id ?? {})) {
    if (typeof source === 'object' && 'alias_name' in source) {
      sources.push(
        ['user_alias.alias_name', source.alias_name],
        ['user_alias.alias_label', source.alias_label],
      )
    } else if (source !== undefined) {
      sources.push([name, source])
    }
  }
  return sources
}

/** Rules about the text of cells imply their type. */
function impliedType(rule: ColumnRule | undefined): ColumnType | undefined {
  if (rule?.values !== undefined) return 'string'
  if (rule?.true !== undefined || rule?.false !== undefined) return 'boolean'
  if (rule?.format !== undefined || rule?.zone !== undefined) return 'time'
  return rule?.separator === undefined ? undefined : 'string[]'
}

const cellTypes: Record<FieldType, ColumnType | undefined> = {
  text: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  time: 'time',
  object: 'json',
  array: 'json',
  any: undefined,
}

function typeOfField(path: string[], kind: Kind | null): ColumnType | undefined {
  const name = path[0] ?? ''
  if (isIdentifier(name)) return name === 'user_alias' && path.length === 1 ? 'json' : 'string'
  const field = kind === null || path.length > 1 ? undefined : fieldOf(kind, name)
  return field === undefined ? undefined : cellTypes[field.type]
}

function ownValue<Value>(record: Record<string, Value> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}
