import type { Account } from '../model/account.ts'
import { type ReasonCode, reasons } from '../model/verdict.ts'
import { type Cell, placeHeader, placeOf, valueCells } from './csv-files.ts'
import type { JudgedValue } from './judged.ts'
import { textCell } from './safe-cell.ts'

/** How a value can change between two runs; `key` is its name in JSON. Values that never differed are not counted. */
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

/** The number of values per change. */
export type ChangeCounts = Record<(typeof changes)[Change]['key'], number> & {
  /** Differing values beyond the limit: they are not counted and have no line. */
  leftOut: number
}

/** The file with the changes between two runs. */
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

/** A value that changed. If only the earlier run requested it, the place and the value are from that run. */
export interface Changed {
  change: Change
  account: Account
  value: JudgedValue
  /** Its reason in the earlier run; null if it was not requested there. */
  before: ReasonCode | null
  isRemoved: boolean
}

/** The line of `compare.csv`. A value that is no longer requested has no current result. */
export function changeRecord({ change, account, value, before, isRemoved }: Changed): Cell[] {
  const now = isRemoved ? [textCell(value.field), null, null, null, null] : valueCells(value)
  const then = before === null ? [null, null] : [reasons[before].verdict, before]
  return [change, ...placeOf(account), ...now, ...then]
}
