import { type Mistake, worstMistake } from '../map/issues.ts'
import { didYouMean } from '../map/nearest.ts'
import { type ProblemCode, TrackSyncError } from '../model/problem.ts'
import { isOption, namesFor, optionOf } from './all-options.ts'
import { refuseConflicts } from './conflicts.ts'
import type { Values } from './declared.ts'
import { type Form, hiddenValue } from './form.ts'
import type { Call, OptionName } from './option.ts'

/**
 * Checks the options that a program passes to a library function: every name and every value. `undefined` counts as not
 * set.
 */
export function checkOptions(call: Call, options: unknown): Values {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw mistaken('options', 'an object', options)
  const names = namesFor(call)
  const values = new Map<OptionName, unknown>()
  // Inherited properties count too: some programs share options between calls that way.
  for (const name in options) {
    const value: unknown = Reflect.get(options, name)
    if (!isOption(name)) throw unknownOption(name, call, names)
    if (value === undefined) continue
    if (!names.includes(name)) throw unknownOption(name, call, names)
    values.set(name, checkValue(optionOf(name).form, value, name))
  }
  for (const name of names) {
    const { required = [], form } = optionOf(name)
    if (required.includes(call) && !values.has(name)) throw missing(name, form)
  }
  // The only cast: each value has passed the schema of its name.
  const checked = Object.fromEntries(values) as Values
  refuseConflicts(checked)
  return checked
}

/** The value as the schema of the form returns it; throws an error that says where it is wrong. */
export function checkValue<Value>(form: Form<Value>, value: unknown, name: string): Value {
  if (form.isInstance !== true && isClassInstance(value))
    throw mistaken(name, 'a plain object or value', value, form)
  const result = parsed(form, value)
  if (result?.success === true) return result.data
  if (result === undefined) throw mistaken(name, 'a value that can be written as JSON', value, form)
  const mistake = worstMistake(result.error.issues, form.schema)
  throw invalidValue(form, mistake, value, name)
}

/** An instance of a class may hide its data from a schema, and would pass as an empty object. */
function isClassInstance(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== null && Object.getPrototypeOf(prototype) !== null
}

/** Undefined if the value cannot be written to a journal: a list that contains itself, for example. */
function parsed<Value>({ schema, isInstance }: Form<Value>, value: unknown) {
  try {
    const result = schema.safeParse(value)
    if (isInstance !== true && result.success) JSON.stringify(result.data)
    return result
  } catch {
    return undefined
  }
}

function invalidValue(form: Form<unknown>, mistake: Mistake, value: unknown, name: string): TrackSyncError {
  const { path, unknown, expected, words, isWord } = mistake
  const field = [name, ...path, ...(unknown === undefined ? [] : [unknown])].join('.')
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  )
  const code = (isWord ? form.wordCode : undefined) ?? form.code ?? 'settings_invalid'
  if (unknown !== undefined) {
    const message = `\`${field}\` is unknown; expected one of ${expected}.${didYouMean(unknown, words)}`
    return new TrackSyncError(code, message, { field, expected, came: unknown })
  }
  const hint = isWord && typeof found === 'string' ? didYouMean(found, words) : ''
  return mistaken(field, expected, found, { code, hint, secret: form.secret === true })
}

interface Details {
  code?: ProblemCode
  hint?: string
  secret?: boolean
}

export function mistaken(
  field: string,
  expected: string,
  value: unknown,
  { code = 'settings_invalid', hint = '', secret = false }: Details = {},
): TrackSyncError {
  const came = secret ? hiddenValue(value) : shown(value)
  return new TrackSyncError(code, `\`${field}\` should be ${expected}; it is ${came}.${hint}`, {
    field,
    expected,
    came,
  })
}

function missing(name: OptionName, { code = 'settings_invalid' }: Form<unknown>): TrackSyncError {
  const message = `\`${name}\` is missing.`
  return new TrackSyncError(code, message, {
    field: name,
    expected: needed[name] ?? 'a value',
    came: 'nothing',
  })
}

const needed: Partial<Record<OptionName, string>> = {
  files: 'a list of files to read',
  url: 'the REST host of your instance, https://rest.….braze.com',
  key: 'a REST API key with the permission users.track.sync',
}

function unknownOption(name: string, call: Call, names: readonly OptionName[]): TrackSyncError {
  const more = isOption(name) ? otherCalls(name) : didYouMean(name, names)
  const message = `\`${name}\` is not an option of ${call}${more === '' ? '.' : `.${more}`}`
  return new TrackSyncError('settings_invalid', message, {
    field: name,
    expected: `an option of ${call}: ${names.join(', ')}`,
    came: name,
  })
}

function otherCalls(name: OptionName): string {
  const { calls = [] } = optionOf(name)
  return calls.length === 0
    ? ' It is a setting of the command line.'
    : ` It is an option of ${calls.join(', ')}.`
}

/** The value in a few words. Objects are not shown, since they may contain anything. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null ? 'null' : 'an object'
}
