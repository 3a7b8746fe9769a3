import type { Account } from '../model/account.ts'
import { type ReasonCode, reasons } from '../model/verdict.ts'
import { type Cell, placeHeader, placeOf, valueCells } from './csv-files.ts'
import type { JudgedValue } from './judged.ts'
import { textCell } from './safe-cell.ts'

/** What can have become of a value from one run to another; `key` is its name in JSON. Values that never differed are none. */
export const changes = {
  newly_different: {
    key: 'newlyDifferent',
    label: 'newly different',
    means: 'they differ now; before, they matched, were not shown, or were not requested',
  },
  repaired: { key: 'repaired', label: 'repaired', means: 'they differed before, and match now' },
  still_different: {
    key: 'stillDifferent',
    label: 'still different',
    means: 'they differ in both runs',
  },
  not_compared: {
    key: 'notCompared',
    label: 'not compared',
    means: 'they differed before; now they are not shown, or not requested',
  },
} as const

export type Change = keyof typeof changes
export const changeNames = Object.keys(changes) as Change[]

/** How many values went which way. */
export type ChangeCounts = Record<(typeof changes)[Change]['key'], number> & {
  /** Values that differ and that there was no room for: they are in no count and on no line. */
  leftOut: number
}

/** The file of a run that tells what changed since another. */
export const compareFile = 'compare.csv'

export const compareHeader = [
  'change',
  ...placeHeader,
  'field',
  'requested',
  'returned',
  'verdict',
  'reason',
  'verdict_before',
  'reason_before',
] as const

/** A value that changed. Of one that only the earlier run asked for, the place and the value are those of that run. */
export interface Changed {
  change: Change
  account: Account
  value: JudgedValue
  /** What was said of it before; null where it was not asked for. */
  before: ReasonCode | null
  isGone: boolean
}

/** The line of `compare.csv`; of a value that is not asked for any more, nothing is told of now. */
export function changeRecord({ change, account, value, before, isGone }: Changed): Cell[] {
  const now = isGone ? [textCell(value.field), null, null, null, null] : valueCells(value)
  const then = before === null ? [null, null] : [reasons[before].verdict, before]
  return [change, ...placeOf(account), ...now, ...then]
}
