import { stringify } from 'csv-stringify/sync'
import type { Account } from '../model/account.ts'
import { rowLabel } from '../model/track-object.ts'
import type { JudgedValue } from './judged.ts'
import { disarmed, jsonCell, textCell } from './safe-cell.ts'

export type Cell = string | number | null

/** The place of an object; both files begin with it. */
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

/** Lines of CSV, each with its line end. RFC 4180 requires quotation marks around a cell that contains one. */
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

/** The lines of `values.csv`; values as JSON, empty if the response does not show the field. */
export function valueRecords(account: Account, values: JudgedValue[]): Cell[][] {
  const place = placeOf(account)
  return values.map(value => [...place, ...valueCells(value)])
}

/** The result for one value. */
export function valueCells({ field, requested, returned, verdict, reason }: JudgedValue): Cell[] {
  const shown = returned === undefined ? null : jsonCell(returned)
  return [textCell(field), jsonCell(requested), shown, verdict, reason]
}

/** The object's own reason if it has one, else that of its first value that differs or is not shown. */
export function reasonOf(account: Account, values: JudgedValue[]): string {
  if (account.reason !== '' || account.outcome === 'verified') return account.reason
  const differing = values.find(({ counts }) => counts === 'differ')
  return (differing ?? values.find(({ counts }) => counts === 'unverifiable'))?.reason ?? ''
}

/** The message of an object, with a warning if sending it again would do harm. */
export function messageOf({ message, overtakenBy }: Account): string {
  const warning =
    overtakenBy === null
      ? []
      : [`${overtakenBy} has written the same field since; sending this row again would overwrite it`]
  return [message, ...warning].filter(text => text !== '').join('; ')
}

export function placeOf(account: Account): Cell[] {
  const { file, row, line, part, user, kind } = account
  return [textCell(file), row, line, part === 0 ? null : rowLabel({ row, part }), disarmed(user), kind]
}
