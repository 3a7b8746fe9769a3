import { fieldOf, fields } from '../braze/fields.ts'
import { identifierNames, isIdentifier, primaryIdentifiers } from '../braze/identifiers.ts'
import type { Kind } from '../model/kind.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Header } from '../model/row.ts'
import { splitTypedName } from './column-types.ts'
import { type Column, constantsOf, identifierColumns, kindColumn } from './columns.ts'
import type { MapSettings } from './mapping.ts'
import { didYouMean, nearest } from './nearest.ts'

/** Refuses a CSV file whose columns cannot make objects, before a single row of it is looked at. */
export function checkHeader(
  file: string,
  header: Header,
  columns: Column[],
  kind: Kind | null,
  settings: MapSettings,
): void {
  for (const name of header) {
    const { mistake } = splitTypedName(name)
    if (mistake !== undefined)
      throw wrong('type_unknown', file, name, `Column \`${name}\` of ${file}: ${mistake}`)
  }
  checkNameless(file, header, settings)
  checkDuplicates(file, header, columns, settings)
  checkNames(file, header, settings)
  if (kind !== null) checkPlaces(file, columns, kind)
  checkConflicts(file, columns, kind, settings)
  checkIdentifiers(file, header, columns, kind, settings)
}

/** A spreadsheet has such columns at its right; their cells are empty, or else their rows are refused. */
function checkNameless(file: string, header: Header, settings: MapSettings): void {
  const last = header.findLastIndex(name => name !== '')
  const nameless = header.slice(0, last).indexOf('')
  if (nameless < 0 || isNamelessIgnored(settings)) return
  const message = `Column ${nameless + 1} of ${file} has no name.`
  const next = 'Give it a name, or leave it out with `"": ignore` under `columns` in the mapping.'
  throw wrong('header_empty', file, undefined, message, 'a name for every column', next)
}

/** Whether the user says that columns without a name are to be left out. */
export function isNamelessIgnored({ mapping }: MapSettings): boolean {
  return mapping?.columns?.[''] === 'ignore' || mapping?.rest === 'ignore'
}

/** Two columns of one name are no harm as long as nobody reads either. */
function checkDuplicates(file: string, header: Header, columns: Column[], settings: MapSettings): void {
  const kindName = kindColumn(settings)
  const read = new Set([
    ...columns.map(column => column.header),
    ...(kindName === undefined ? [] : [kindName]),
  ])
  const first = new Map<string, number>()
  for (const [i, name] of header.entries()) {
    const before = first.get(name)
    if (before === undefined) first.set(name, i)
    if (before === undefined || !read.has(name)) continue
    const message = `${file} has two columns called \`${name}\` (${before + 1} and ${i + 1}).`
    const next = `Rename one, or leave out both with \`${name}: ignore\` in the mapping.`
    throw wrong('header_duplicate', file, name, message, 'different names', next)
  }
}

/** Every column that a flag or the mapping names must be there. */
function checkNames(file: string, header: Header, settings: MapSettings): void {
  const names = [...new Set(header.flatMap(name => [name, splitTypedName(name).name]))]
  const named: [string, string][] = [
    ...Object.values(identifierColumns(settings)).map((column): [string, string] => [
      column,
      'used as an identifier',
    ]),
    ...Object.keys(settings.columnTypes ?? {}).map((column): [string, string] => [column, 'named in --type']),
    ...Object.keys(settings.mapping?.columns ?? {}).map((column): [string, string] => [
      column,
      'named in the mapping',
    ]),
    ...[kindColumn(settings) ?? []].flat().map((column): [string, string] => [column, 'used as the kind']),
  ]
  for (const [column, where] of named) {
    if (column === '' || names.includes(column)) continue
    const message = `${file} has no column \`${column}\`, which is ${where}.${didYouMean(column, names)}`
    throw wrong('column_unknown', file, column, message, `one of ${list(names)}`)
  }
}

/** Events and purchases have a closed set of fields; a stray column would otherwise fail on every row. */
function checkPlaces(file: string, columns: Column[], kind: Kind): void {
  if (kind === 'attributes') return
  for (const { header, path } of columns) {
    const name = path[0] ?? ''
    if (isIdentifier(name) || fieldOf(kind, name) !== undefined) continue
    const known = Object.keys(fields[kind])
    const singular = kind === 'events' ? 'an event' : 'a purchase'
    const near = nearest(name, known)
    const meant =
      near === undefined
        ? `Name it \`properties.${header}\`, or ignore it in the mapping.`
        : didYouMean(name, known).trim()
    const said = kind === 'events' && near === undefined ? ' With --kind events it is a property.' : ''
    const message = `Column \`${header}\` of ${file} is not a field of ${singular}. ${meant}${said} If these are not ${kind}, set --kind.`
    const expected = `one of ${list(known)}, or properties.NAME`
    throw wrong(
      'column_misplaced',
      file,
      header,
      message,
      expected,
      said === '' ? undefined : nextSteps.takeAsEvents(),
    )
  }
}

/** No two write the same field, and none writes into what another writes whole. */
function checkConflicts(file: string, columns: Column[], kind: Kind | null, settings: MapSettings): void {
  const claimed = new Map<string, string>()
  const within = new Map<string, string>()
  const claim = ({ path, event = '' }: { path: string[]; event?: string }, who: string) => {
    const steps = path.map((_, i) => JSON.stringify([event, ...path.slice(0, i + 1)]))
    const whole = steps.at(-1) ?? ''
    const other = within.get(whole) ?? steps.map(step => claimed.get(step)).find(one => one !== undefined)
    if (other !== undefined) {
      const field = path.join('.')
      throw wrong('column_conflict', file, field, `${who} and ${other} of ${file} both set \`${field}\`.`)
    }
    claimed.set(whole, who)
    for (const step of steps) if (!within.has(step)) within.set(step, who)
  }
  for (const column of columns) claim(column, `column \`${column.header}\``)
  for (const constant of constantsOf(settings, kind)) claim(constant, 'a constant')
}

function checkIdentifiers(
  file: string,
  header: Header,
  columns: Column[],
  kind: Kind | null,
  settings: MapSettings,
): void {
  const paths = [...columns, ...constantsOf(settings, kind)].map(({ path }) => path)
  const found = identifierNames.filter(name => paths.some(path => path[0] === name))
  const primary = found.filter(name => primaryIdentifiers.includes(name))
  if (primary.length > 1) {
    const message = `${file} has two primary identifiers, ${list(primary)}; the API rejects such objects.`
    throw wrong(
      'identifier_columns_two',
      file,
      list(primary),
      message,
      'one of them',
      'Ignore one in the mapping.',
    )
  }
  if (found.length === 0 && !paths.some(path => path[0] === 'push_token_import')) {
    const candidate = header.find(name => namesUser(name, kind))
    const message = `No column of ${file} identifies the user. Its columns are ${list(header)}.`
    const next =
      candidate === undefined
        ? 'Name the column with --id external_id=COLUMN, once you have checked that it holds your user ids.'
        : nextSteps.identify(splitTypedName(candidate).name)
    throw wrong(
      'identifier_column_missing',
      file,
      undefined,
      message,
      `one of ${list(identifierNames)}`,
      next,
    )
  }
  const half = ['alias_name', 'alias_label'].filter(part =>
    paths.some(path => path.join('.') === `user_alias.${part}`),
  )
  if (half.length === 1) {
    const message = `${file} has user_alias.${half[0]} but not the other half of the alias.`
    throw wrong(
      'identifier_column_missing',
      file,
      'user_alias',
      message,
      'user_alias.alias_name and .alias_label',
    )
  }
}

/**
 * Whether a column holds ids of users by its name. Where it holds others, or is no column, each row would make a user
 * that nobody wants; so what is only likely is not proposed.
 */
function namesUser(name: string, kind: Kind | null): boolean {
  const [first = '', ...rest] = splitTypedName(name)
    .name.replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _.-]+/)
  if (rest.length === 0) {
    const isOwn = first === 'uid' || (first === 'id' && kind === 'attributes')
    return isOwn || (first.endsWith('id') && ofUsers.has(first.slice(0, -2)))
  }
  const [last = ''] = rest.slice(-1)
  return /^(?:u?u?id|key)$/.test(last) && [first, ...rest.slice(0, -1)].every(word => ofUsers.has(word))
}

/** Words for a user, and what else stands in front of an id of one. */
const ofUsers: ReadonlySet<string> = new Set([
  'client',
  'contact',
  'crm',
  'customer',
  'external',
  'guest',
  'member',
  'my',
  'our',
  'patient',
  'person',
  'player',
  'profile',
  'shopper',
  'subscriber',
  'the',
  'user',
  'visitor',
])

function list(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map(name => `\`${name}\``)
  return names.length > most ? `${shown.join(', ')}, … (${names.length} in all)` : shown.join(', ')
}

function wrong(
  code: TrackSyncError['code'],
  file: string,
  field: string | undefined,
  message: string,
  expected?: string,
  next?: string | NextStep,
): TrackSyncError {
  return new TrackSyncError(code, message, {
    file,
    line: 1,
    ...(field === undefined ? {} : { field }),
    ...(expected === undefined ? {} : { expected }),
    ...(next === undefined ? {} : { next }),
  })
}
