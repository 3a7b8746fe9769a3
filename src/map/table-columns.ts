import { fieldOf, fields } from '../braze/fields.ts'
import { identifierNames, isIdentifier } from '../braze/identifiers.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Header } from '../model/row.ts'
import { type Column, columnsFor } from './columns.ts'
import { configuredKind } from './drafts.ts'
import type { MapSettings } from './mapping.ts'
import { nearest } from './nearest.ts'

/**
 * The fields that each column of a table fills, following the conventions of the dashboard's import: in events,
 * `EVENT.properties.NAME` is a property of only that event, and any column that is not a field is a property;
 * `subscription_group_id` and `subscription_state` form a subscription group. Source: braze-docs csv_import.
 */
export function tableColumns(header: Header, kind: Kind | null, settings: MapSettings): Column[][] {
  // Nameless columns fill nothing.
  const columns = header.map(name => (name === '' ? [] : columnsFor(name, kind, settings)))
  const isKindConfigured = configuredKind(settings) === kind
  if (kind === 'events')
    return columns.map(targets => targets.map(column => toProperty(column, isKindConfigured)))
  const isGroup = kind === 'attributes' && groupFields.every(name => header.includes(name))
  if (!isGroup) return columns
  return columns.map(targets => targets.map(toGroupField))
}

/** The API expects a list of subscription groups; a table row has one group. */
export function wrapSubscriptionGroup(body: JsonObject, columns: Column[]): void {
  const groups = body['subscription_groups']
  if (isJsonObject(groups) && columns.some(isGroupField)) body['subscription_groups'] = [groups]
}

const groupFields = ['subscription_group_id', 'subscription_state']

function toGroupField(column: Column): Column {
  const [name = ''] = column.path
  const isField = column.path.length === 1 && groupFields.includes(name)
  return isField ? { ...column, path: ['subscription_groups', name], type: column.type ?? 'string' } : column
}

function isGroupField({ path }: Column): boolean {
  return path.length === 2 && path[0] === 'subscription_groups'
}

/** A name that is almost that of a field is left alone, so that it is reported as a mistake. */
function toProperty(column: Column, isKindConfigured: boolean): Column {
  const [name = ''] = column.path
  if (column.path.length > 1 || isIdentifier(name) || fieldOf('events', name) !== undefined) return column
  const [, event, property] = /^(.+?)\.properties\.(.+)$/s.exec(name) ?? []
  if (event !== undefined && property !== undefined)
    return { ...column, path: ['properties', property], event }
  const isProperty =
    isKindConfigured && nearest(name, [...Object.keys(fields.events), ...identifierNames]) === undefined
  return isProperty ? { ...column, path: ['properties', name] } : column
}
