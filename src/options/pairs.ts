import { z } from 'zod'
import { type Readings, readings } from '../braze/assumptions.ts'
import { identifierNames } from '../braze/identifiers.ts'
import { type ColumnType, columnTypes } from '../map/column-types.ts'
import { didYouMean } from '../map/nearest.ts'
import {
  type Fault,
  type FaultEndpoint,
  faultEndpoints,
  type FaultKind,
  faultKinds,
  isFaultEndpoint,
  isFaultKind,
} from '../sandbox/faults.ts'
import { type Form, wrong } from './form.ts'

/** The forms of settings that may be given several times, `NAME=VALUE` each. */

const identifierFields = [
  ...identifierNames.filter(name => name !== 'user_alias'),
  'user_alias.alias_name',
  'user_alias.alias_label',
]

/** `external_id=customerID` */
export const identifiers: Form<Record<string, string>> = {
  schema: z.partialRecord(z.enum(identifierFields), z.string({ error: 'the name of a column' }), {
    error: '{ IDENTIFIER: COLUMN }, such as { external_id: "customerID" }',
  }) as z.ZodType<Record<string, string>>,
  text: {
    read: (texts, setting) =>
      collect(
        texts.map(text => identifier(text, setting)),
        setting,
      ),
    write: writePairs,
  },
}

function identifier(text: string, setting: string): [string, string] {
  const [field, column] = pair(text, setting, 'external_id=COLUMN', text.indexOf('='))
  if (identifierFields.includes(field)) return [field, column]
  throw wrong(setting, field, identifierFields.join(', '), didYouMean(field, identifierFields))
}

/** `age=integer` */
export const types: Form<Record<string, ColumnType>> = {
  schema: z.record(z.string(), z.enum(columnTypes), {
    error: '{ COLUMN: TYPE }, such as { age: "integer" }',
  }),
  wordCode: 'type_unknown',
  text: {
    read: (texts, setting) =>
      collect(
        texts.map(text => columnType(text, setting)),
        setting,
      ),
    write: writePairs,
  },
}

function columnType(text: string, setting: string): [string, string] {
  // A column may have `=` in its name, a type cannot.
  const [column, type] = pair(text, setting, 'COLUMN=TYPE', text.lastIndexOf('='))
  if (columnTypes.some(known => known === type)) return [column, type]
  throw wrong(setting, type, columnTypes.join(', '), didYouMean(type, columnTypes), 'type_unknown')
}

/** `longString=truncate`; if a reading is a number, any whole number from 1 is valid. */
export const assumptions: Form<Partial<Readings>> = {
  schema: z.strictObject(
    Object.fromEntries(Object.entries(readings).map(([name, row]) => [name, valueOf(row).optional()])),
    { error: '{ NAME: VALUE }, such as { longString: "truncate" }' },
  ) as z.ZodType<Partial<Readings>>,
  text: {
    read: (texts, setting) =>
      collect(
        texts.map(text => reading(text, setting)),
        setting,
      ),
    write: writePairs,
  },
}

function valueOf(row: { default: string | number; others: readonly (string | number)[] }): z.ZodType {
  if (typeof row.default === 'number') {
    return z.int({ error: 'a whole number from 1' }).min(1, { error: 'a whole number from 1' })
  }
  return z.enum([row.default, ...row.others].map(String))
}

export function reading(text: string, setting: string): [string, string | number] {
  const [name, value] = pair(text, setting, 'NAME=VALUE', text.indexOf('='))
  const names = Object.keys(readings)
  const found = Object.entries(readings).find(([known]) => known === name)?.[1]
  if (found === undefined) throw wrong(setting, name, names.join(', '), didYouMean(name, names))
  if (typeof found.default === 'number') {
    if (/^\d{1,9}$/.test(value) && Number(value) > 0) return [name, Number(value)]
    throw wrong(setting, value, `${name}=N with a whole number from 1`)
  }
  const values = [found.default, ...found.others].map(String)
  if (values.includes(value)) return [name, value]
  throw wrong(setting, value, `${name}=${values.join('|')}`, didYouMean(value, values))
}

const share = z.number({ error: 'a share from 0 to 1' }).min(0).max(1)
const from0 = z.number({ error: 'milliseconds' }).min(0)

/** `503=0.1`, `cut-after=0.02`, or a kind alone, which affects every request. */
export const faults: Form<readonly Fault[]> = {
  schema: z.array(
    z.strictObject({
      kind: z.enum(Object.keys(faultKinds) as FaultKind[]),
      on: z.enum(Object.keys(faultEndpoints) as FaultEndpoint[]).optional(),
      share: share.optional(),
      calls: z.array(z.int().min(1), { error: 'a list of request numbers, from 1' }).readonly().optional(),
      status: z.int({ error: 'a status' }).min(200, { error: 'a status' }).max(599).optional(),
      ms: from0.optional(),
    }),
    { error: 'a list of faults, such as [{ kind: "cut_after", share: 0.1 }]' },
  ) as z.ZodType<readonly Fault[]>,
  text: {
    read: (texts, setting) => texts.map(text => fault(text, setting)),
    write: value => all((value as readonly Fault[]).map(sayFault)),
  },
}

export function fault(text: string, setting: string): Fault {
  const [where = '', rest] = text.includes(':') ? text.split(':', 2) : ['sync', text]
  const words = Object.keys(faultEndpoints)
  if (!isFaultEndpoint(where)) throw wrong(setting, where, words.join(', '), didYouMean(where, words))
  const on = where === 'sync' ? {} : { on: where }
  const [kind = '', shareText] = (rest ?? '').split('=', 2)
  const more = { ...on, ...(shareText === undefined ? {} : { share: shareOf(shareText, text, setting) }) }
  if (/^(?:202|[345]\d\d)$/.test(kind)) return { kind: 'refuse', status: Number(kind), ...more }
  const known = kind.replaceAll('-', '_')
  if (isFaultKind(known)) return { kind: known, ...more }
  const kinds = Object.keys(faultKinds).map(name => name.replaceAll('_', '-'))
  throw wrong(setting, kind, `a status such as 503, or ${kinds.join(', ')}`, didYouMean(kind, kinds))
}

function shareOf(shareText: string, text: string, setting: string): number {
  const number = /^\d(?:\.\d+)?$/.test(shareText) ? Number(shareText) : 2
  if (number <= 1) return number
  throw wrong(setting, text, 'KIND=SHARE with a share from 0 to 1, such as 503=0.1')
}

function sayFault({ kind, on, share: shareOption, status, calls, ms }: Fault): string | undefined {
  if (calls !== undefined || ms !== undefined || (status !== undefined && kind !== 'refuse')) return undefined
  const what = status === undefined ? kind.replaceAll('_', '-') : String(status)
  const where = on === undefined || on === 'sync' ? '' : `${on}:`
  return `${where}${what}${shareOption === undefined ? '' : `=${shareOption}`}`
}

function pair(text: string, setting: string, form: string, at: number): [string, string] {
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw wrong(setting, text, form)
}

/** Pairs as one object. The same name with two values is an error. */
function collect<Value>(pairs: readonly [string, Value][], setting: string): Record<string, Value> {
  const found = new Map<string, Value>()
  for (const [name, value] of pairs) {
    const before = found.get(name)
    if (before !== undefined && before !== value) {
      throw wrong(setting, `${name}=${String(before)} and ${name}=${String(value)}`, `one value for ${name}`)
    }
    found.set(name, value)
  }
  return Object.fromEntries(found)
}

function writePairs(value: unknown): string[] {
  return Object.entries(value as object).map(([name, one]) => `${name}=${String(one)}`)
}

function all(texts: (string | undefined)[]): string[] | undefined {
  return texts.every(one => one !== undefined) ? texts : undefined
}
