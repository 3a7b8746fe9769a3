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

/** Throws if the columns of a CSV file cannot make objects, before any row is read. */
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
      throw headerError('type_unknown', file, name, `Column \`${name}\` of ${file}: ${mistake}`)
  }
  checkNamelessColumns(file, header, settings)
  checkDuplicates(file, header, columns, settings)
  checkReferences(file, header, settings)
  if (kind !== null) checkFieldNames(file, columns, kind)
  checkConflicts(file, columns, kind, settings)
  checkIdentifiers(file, header, columns, kind, settings)
}

/** Spreadsheets leave nameless columns at the right. Those are allowed, but rows with a value in one are invalid. */
function checkNamelessColumns(file: string, header: Header, settings: MapSettings): void {
  const last = header.findLastIndex(name => name !== '')
  const nameless = header.slice(0, last).indexOf('')
  if (nameless < 0 || isNamelessIgnored(settings)) return
  const message = `Column ${nameless + 1} of ${file} has no name.`
  const next = 'Give it a name, or leave it out with `"": ignore` under `columns` in the mapping.'
  throw headerError('header_empty', file, undefined, message, 'a name for every column', next)
}

/** Whether the mapping ignores nameless columns. */
export function isNamelessIgnored({ mapping }: MapSettings): boolean {
  return mapping?.columns?.[''] === 'ignore' || mapping?.rest === 'ignore'
}

/** Columns may share a name as long as neither is used. */
function checkDuplicates(file: string, header: Header, columns: Column[], settings: MapSettings): void {
  const kindName = kindColumn(settings)
  const used = new Set([
    ...columns.map(column => column.header),
    ...(kindName === undefined ? [] : [kindName]),
  ])
  const firstIndex = new Map<string, number>()
  for (const [i, name] of header.entries()) {
    const earlier = firstIndex.get(name)
    if (earlier === undefined) firstIndex.set(name, i)
    if (earlier === undefined || !used.has(name)) continue
    const message = `${file} has two columns called \`${name}\` (${earlier + 1} and ${i + 1}).`
    const next = `Rename one, or leave out both with \`${name}: ignore\` in the mapping.`
    throw headerError('header_duplicate', file, name, message, 'different names', next)
  }
}

/** Every column that a flag or the mapping refers to must exist. */
function checkReferences(file: string, header: Header, settings: MapSettings): void {
  const names = [...new Set(header.flatMap(name => [name, splitTypedName(name).name]))]
  const references: [string, string][] = [
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
  for (const [column, where] of references) {
    if (column === '' || names.includes(column)) continue
    const message = `${file} has no column \`${column}\`, which is ${where}.${didYouMean(column, names)}`
    throw headerError('column_unknown', file, column, message, `one of ${quoteNames(names)}`)
  }
}

/** Events and purchases have a closed set of fields, so a stray column would fail on every row. */
function checkFieldNames(file: string, columns: Column[], kind: Kind): void {
  if (kind === 'attributes') return
  for (const { header, path } of columns) {
    const name = path[0] ?? ''
    if (isIdentifier(name) || fieldOf(kind, name) !== undefined) continue
    const known = Object.keys(fields[kind])
    const singular = kind === 'events' ? 'an event' : 'a purchase'
    const nearestField = nearest(name, known)
    const suggestion =
      nearestField === undefined
        ? `Name it \`properties.${header}\`, or ignore it in the mapping.`
        : didYouMean(name, known).trim()
    const hint =
      kind === 'events' && nearestField === undefined ? ' With --kind events it is a property.' : ''
    const message = `Column \`${header}\` of ${file} is not a field of ${singular}. ${suggestion}${hint} If these are not ${kind}, set --kind.`
    const expected = `one of ${quoteNames(known)}, or properties.NAME`
    throw headerError(
      'column_misplaced',
      file,
      header,
      message,
      expected,
      hint === '' ? undefined : nextSteps.takeAsEvents(),
    )
  }
}

/** Two columns must not write the same field, nor one write a whole object that another writes into. */
function checkConflicts(file: string, columns: Column[], kind: Kind | null, settings: MapSettings): void {
  const claimed = new Map<string, string>()
  const partial = new Map<string, string>()
  const claim = ({ path, event = '' }: { path: string[]; event?: string }, writer: string) => {
    const steps = path.map((_, i) => JSON.stringify([event, ...path.slice(0, i + 1)]))
    const fullPath = steps.at(-1) ?? ''
    const other = partial.get(fullPath) ?? steps.map(step => claimed.get(step)).find(one => one !== undefined)
    if (other !== undefined) {
      const field = path.join('.')
      throw headerError(
        'column_conflict',
        file,
        field,
        `${writer} and ${other} of ${file} both set \`${field}\`.`,
      )
    }
    claimed.set(fullPath, writer)
    for (const step of steps) if (!partial.has(step)) partial.set(step, writer)
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
    const message = `${file} has two primary identifiers, ${quoteNames(primary)}; the API rejects such objects.`
    throw headerError(
      'identifier_columns_two',
      file,
      quoteNames(primary),
      message,
      'one of them',
      'Ignore one in the mapping.',
    )
  }
  if (found.length === 0 && !paths.some(path => path[0] === 'push_token_import')) {
    const candidate = header.find(name => looksLikeUserId(name, kind))
    const message = `No column of ${file} identifies the user. Its columns are ${quoteNames(header)}.`
    const next =
      candidate === undefined
        ? 'Name the column with --id external_id=COLUMN, once you have checked that it holds your user ids.'
        : nextSteps.identify(splitTypedName(candidate).name)
    throw headerError(
      'identifier_column_missing',
      file,
      undefined,
      message,
      `one of ${quoteNames(identifierNames)}`,
      next,
    )
  }
  const aliasParts = ['alias_name', 'alias_label'].filter(part =>
    paths.some(path => path.join('.') === `user_alias.${part}`),
  )
  if (aliasParts.length === 1) {
    const message = `${file} has user_alias.${aliasParts[0]} but not the other half of the alias.`
    throw headerError(
      'identifier_column_missing',
      file,
      'user_alias',
      message,
      'user_alias.alias_name and .alias_label',
    )
  }
}

/**
 * Whether a column name suggests user IDs. If it is wrong, every row creates an unwanted user, so names that are merely
 * plausible do not count.
 */
function looksLikeUserId(name: string, kind: Kind | null): boolean {
  const [first = '', ...rest] = splitTypedName(name)
    .name.replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _.-]+/)
  if (rest.length === 0) {
    const isId = first === 'uid' || (first === 'id' && kind === 'attributes')
    return isId || (first.endsWith('id') && userWords.has(first.slice(0, -2)))
  }
  const [last = ''] = rest.slice(-1)
  return /^(?:u?u?id|key)$/.test(last) && [first, ...rest.slice(0, -1)].every(word => userWords.has(word))
}

/** Words for users, and words that precede them. */
const userWords: ReadonlySet<string> = new Set([
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

function quoteNames(names: readonly string[], max = 12): string {
  const shown = names.slice(0, max).map(name => `\`${name}\``)
  return names.length > max ? `${shown.join(', ')}, … (${names.length} in all)` : shown.join(', ')
}

function headerError(
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
