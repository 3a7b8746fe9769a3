import {
  columnTypes,
  type ErrorBudget,
  type Fault,
  faultKinds,
  isFaultKind,
  type Rate,
  readings,
  TrackSyncError,
} from '../index.ts'
import { didYouMean } from '../map/nearest.ts'
import { identifierNames } from '../model/identifiers.ts'

/** Readers of setting values: text in, a value out, or an error that names the setting. */

export function oneOf<Word extends string>(words: readonly Word[]): (text: string, setting: string) => Word {
  return (text, setting) => {
    const word = words.find(candidate => candidate === text)
    if (word !== undefined) return word
    const code = setting === 'kind' ? 'kind_unknown' : 'settings_invalid'
    throw wrong(setting, text, words.join(', '), didYouMean(text, words), code)
  }
}

export function count(text: string, setting: string): number {
  const value = natural(text, setting)
  if (value > 0) return value
  throw wrong(setting, text, 'a whole number from 1')
}

export function natural(text: string, setting: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw wrong(setting, text, 'a whole number')
}

export function port(text: string, setting: string): number {
  const value = natural(text, setting)
  if (value <= 65_535) return value
  throw wrong(setting, text, 'a port from 0 to 65535')
}

export function countOrOff(text: string, setting: string): number | 'off' {
  return text === 'off' ? 'off' : count(text, setting)
}

/** `500`, `8/s`, `500/min`, `30000/h`, or `off`. */
export function rate(text: string, setting: string): Rate {
  if (text === 'off') return 'off'
  const match = /^(\d{1,7})(?:\/(s|m|min|h))?$/.exec(text)
  const requests = Number(match?.[1] ?? 0)
  if (requests === 0) throw wrong(setting, text, 'a number such as 500, 8/s or 30000/h, or off')
  const windowMs = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }[match?.[2] ?? 'min'] ?? 60_000
  return { requests, windowMs }
}

/** `100`, or `2%`. */
export function budget(text: string, setting: string): ErrorBudget {
  const match = /^(\d{1,9}(?:\.\d+)?)(%?)$/.exec(text)
  const value = Number(match?.[1])
  if (match?.[2] === '%' && value <= 100) return { percent: value }
  if (match?.[2] === '' && Number.isInteger(value)) return value
  throw wrong(setting, text, 'a number such as 100, or a share such as 2%')
}

export function delimiter(text: string, setting: string): string {
  const character = text === 'tab' || text === '\\t' ? '\t' : text
  if (/^[^\w\s"]$|^\t$/.test(character) && character.charCodeAt(0) < 128) return character
  throw wrong(setting, text, 'one character such as , ; | or tab')
}

const identifierFields = [
  ...identifierNames.filter(name => name !== 'user_alias'),
  'user_alias.alias_name',
  'user_alias.alias_label',
]

/** `external_id=customerID` */
export function identifier(text: string, setting: string): [string, string] {
  const [field, column] = pair(text, setting, 'external_id=COLUMN')
  if (identifierFields.includes(field)) return [field, column]
  throw wrong(setting, field, identifierFields.join(', '), didYouMean(field, identifierFields))
}

/** `age=integer` */
export function columnType(text: string, setting: string): [string, string] {
  const [column, type] = pair(text, setting, 'COLUMN=TYPE')
  if (columnTypes.some(known => known === type)) return [column, type]
  throw wrong(setting, type, columnTypes.join(', '), didYouMean(type, columnTypes), 'type_unknown')
}

/** `503=0.1`, `cut-after=0.02`, or a kind alone, which strikes every call. */
export function fault(text: string, setting: string): Fault {
  const [kind = '', given] = text.split('=', 2)
  const share = given === undefined ? {} : { share: shareOf(given, text, setting) }
  if (/^(?:202|[345]\d\d)$/.test(kind)) return { kind: 'refuse', status: Number(kind), ...share }
  const known = kind.replaceAll('-', '_')
  if (isFaultKind(known)) return { kind: known, ...share }
  const kinds = Object.keys(faultKinds).map(name => name.replaceAll('_', '-'))
  throw wrong(setting, kind, `a status such as 503, or ${kinds.join(', ')}`, didYouMean(kind, kinds))
}

function shareOf(given: string, text: string, setting: string): number {
  const share = /^\d(?:\.\d+)?$/.test(given) ? Number(given) : 2
  if (share <= 1) return share
  throw wrong(setting, text, 'KIND=SHARE with a share from 0 to 1, such as 503=0.1')
}

/** `200`, or `50,900`: half of the answers within the first, 95 of 100 within the second. */
export function latency(text: string, setting: string): number | { p50: number; p95: number } {
  const [, p50, p95] = /^(\d{1,6}),(\d{1,6})$/.exec(text) ?? []
  if (p50 === undefined || p95 === undefined) return natural(text, setting)
  if (Number(p50) > 0 && Number(p95) >= Number(p50)) return { p50: Number(p50), p95: Number(p95) }
  throw wrong(setting, text, 'milliseconds such as 200, or two such as 50,900')
}

/** `longString=truncate`; where a reading is a number, any whole number from 1 will do. */
export function reading(text: string, setting: string): [string, string | number] {
  const [name, value] = pair(text, setting, 'NAME=VALUE')
  const names = Object.keys(readings)
  const found = Object.entries(readings).find(([known]) => known === name)?.[1]
  if (found === undefined) throw wrong(setting, name, names.join(', '), didYouMean(name, names))
  if (typeof found.default === 'number') return [name, count(value, setting)]
  const values = [found.default, ...found.others].map(String)
  if (values.includes(value)) return [name, value]
  throw wrong(setting, value, `${name}=${values.join('|')}`, didYouMean(value, values))
}

function pair(text: string, setting: string, form: string): [string, string] {
  const at = setting === 'type' ? text.lastIndexOf('=') : text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw wrong(setting, text, form)
}

function wrong(
  setting: string,
  came: string,
  expected: string,
  hint = '',
  code: TrackSyncError['code'] = 'settings_invalid',
) {
  const message = `\`${setting}\` should be ${expected}; it is \`${came}\`.${hint}`
  return new TrackSyncError(code, message, { field: setting, expected, came })
}
