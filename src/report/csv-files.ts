import { stringify } from 'csv-stringify/sync'
import type { Account } from '../model/account.ts'
import { rowLabel } from '../model/track-object.ts'
import type { JudgedValue } from './judged.ts'
import { disarmed, jsonCell, textCell } from './safe-cell.ts'

export type Cell = string | number | null

/** Where an object stands; both files begin with it. */
export const placeHeader = ['file', 'row', 'line', 'part', 'user', 'kind'] as const

export const rowsHeader = [
  ...placeHeader,
  'outcome',
  'reason',
  'http_status',
  'attempts',
  'duration_ms',
  'values_match',
  'values_differ',
  'values_unverifiable',
  'message',
] as const

export const valuesHeader = [...placeHeader, 'field', 'requested', 'returned', 'verdict', 'reason'] as const

/** Lines of CSV, each with its end. RFC 4180 puts a cell with a line end of any kind in quotation marks. */
export function csvLines(records: readonly (readonly Cell[])[]): string {
  return stringify(
    records.map(record => [...record]),
    { quoted_match: /\r/ },
  )
}

/** The line of `rows.csv`. */
export function rowRecord(account: Account, values: JudgedValue[]): Cell[] {
  const counted = (bucket: JudgedValue['counts']) => values.filter(value => value.counts === bucket).length
  return [
    ...placeOf(account),
    account.outcome,
    reasonOf(account, values),
    account.httpStatus,
    account.attempts,
    account.durationMs,
    counted('match'),
    counted('differ'),
    counted('unverifiable'),
    textCell(messageOf(account)),
  ]
}

/** The lines of `values.csv`; values as JSON, nothing where the answer does not show the field. */
export function valueRecords(account: Account, values: JudgedValue[]): Cell[][] {
  const place = placeOf(account)
  return values.map(value => [...place, ...valueCells(value)])
}

/** What is said of one value. */
export function valueCells({ field, requested, returned, verdict, reason }: JudgedValue): Cell[] {
  const shown = returned === undefined ? null : jsonCell(returned)
  return [textCell(field), jsonCell(requested), shown, verdict, reason]
}

/** The object's own reason where it has one, else the first of its values that is not as it should be. */
export function reasonOf(account: Account, values: JudgedValue[]): string {
  if (account.reason !== '' || account.outcome === 'verified') return account.reason
  const differing = values.find(({ counts }) => counts === 'differ')
  return (differing ?? values.find(({ counts }) => counts === 'unverifiable'))?.reason ?? ''
}

/** What there is to say of an object, and whether sending it again would do harm. */
export function messageOf({ message, overtakenBy }: Account): string {
  const harm =
    overtakenBy === null
      ? []
      : [`${overtakenBy} has written the same field since; sending this row again would overwrite it`]
  return [message, ...harm].filter(text => text !== '').join('; ')
}

export function placeOf(account: Account): Cell[] {
  const { file, row, line, part, user, kind } = account
  return [textCell(file), row, line, part === 0 ? null : rowLabel({ row, part }), disarmed(user), kind]
}
