import { fieldOf, fields } from '../braze/fields.ts'
import { identifierNames, isIdentifier } from '../braze/identifiers.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Header } from '../model/row.ts'
import { type Column, columnsFor } from './columns.ts'
import { saidKind } from './draft.ts'
import type { MapSettings } from './mapping.ts'
import { nearest } from './nearest.ts'

/**
 * The fields that each column of a table fills, with the habits of the dashboard's import: `EVENT.properties.NAME` is a
 * property of that event, and of the rows of no other; a column of events that is no field is a property;
 * `subscription_group_id` and `subscription_state` are a subscription group. Source: braze-docs csv_import.
 */
export function tableColumns(header: Header, kind: Kind | null, settings: MapSettings): Column[][] {
  // A column without a name has nothing to fill.
  const columns = header.map(name => (name === '' ? [] : columnsFor(name, kind, settings)))
  const isSaid = saidKind(settings) === kind
  if (kind === 'events') return columns.map(targets => targets.map(column => asProperty(column, isSaid)))
  const isGroup = kind === 'attributes' && groupFields.every(name => header.includes(name))
  if (!isGroup) return columns
  return columns.map(targets => targets.map(asGroupField))
}

/** The API takes subscription groups in a list; a row of a table has one. */
export function asGroups(body: JsonObject, columns: Column[]): void {
  const groups = body['subscription_groups']
  if (isJsonObject(groups) && columns.some(isGroupField)) body['subscription_groups'] = [groups]
}

const groupFields = ['subscription_group_id', 'subscription_state']

function asGroupField(column: Column): Column {
  const [name = ''] = column.path
  const isField = column.path.length === 1 && groupFields.includes(name)
  return isField ? { ...column, path: ['subscription_groups', name], type: column.type ?? 'string' } : column
}

function isGroupField({ path }: Column): boolean {
  return path.length === 2 && path[0] === 'subscription_groups'
}

/** A name that is nearly one of a field is left as it is, to be told. */
function asProperty(column: Column, isSaid: boolean): Column {
  const [name = ''] = column.path
  if (column.path.length > 1 || isIdentifier(name) || fieldOf('events', name) !== undefined) return column
  const [, event, property] = /^(.+?)\.properties\.(.+)$/s.exec(name) ?? []
  if (event !== undefined && property !== undefined)
    return { ...column, path: ['properties', property], event }
  const isMeant = isSaid && nearest(name, [...Object.keys(fields.events), ...identifierNames]) === undefined
  return isMeant ? { ...column, path: ['properties', name] } : column
}
