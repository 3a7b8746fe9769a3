import type { Argument, Code, Member, Use } from './code-shape.ts'

/** Names that compute and touch nothing: wholly, or the parts that are listed. */
export type Pure = Record<string, 'wholly' | string[]>

/** What pure code may use; whatever is not here touches the world. */
export interface Allowed {
  /** Of the language. */
  globals: Pure
  /** Of Node and of packages. */
  packages: Pure
}

/** Methods that go by the time zone of this machine. */
const zoned = new Set([
  'toDateString',
  'toLocal',
  'toTimeString',
  ...['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds', 'Year'].flatMap(
    part => [`get${part}`, `set${part}`],
  ),
  'getTimezoneOffset',
])

/** Methods that go by it, and by the language of this machine, unless they are told others. */
const zonedUnlessTold = new Set(['toLocaleDateString', 'toLocaleString', 'toLocaleTimeString'])

/** Methods that go by the language unless they are told another, and at which place they are told. */
const spokenUnlessTold: Record<string, number> = {
  localeCompare: 1,
  toLocaleLowerCase: 0,
  toLocaleUpperCase: 0,
}

/**
 * Where code touches the world: the clock and the time zone, chance, process, disk and network, in any spelling. That a
 * value is a date no parser sees: of `String(date)` and `${date}`, which go by the time zone, it knows nothing.
 */
export function leaksIn(code: Code, allowed: Allowed): string[] {
  const found = [
    ...code.imports.flatMap(({ from, names, isType, at }) =>
      isType || from.startsWith('.') ? [] : [{ at, what: foreign(from, names, allowed.packages) }],
    ),
    ...code.uses.map(use => ({ at: use.at, what: touching(use, allowed.globals) })),
    ...code.members.map(member => ({ at: member.at, what: local(member) })),
  ]
  return found.flatMap(({ at, what }) => (what === undefined ? [] : [`line ${code.lineAt(at)}: ${what}`]))
}

/** What is taken of a package that may touch the world. */
function foreign(from: string, names: string[], packages: Pure): string | undefined {
  const parts = Object.hasOwn(packages, from) ? packages[from] : undefined
  if (parts === 'wholly') return undefined
  if (parts === undefined) return from
  const wrong = names.filter(name => !parts.includes(name))
  return wrong.length === 0 ? undefined : `${wrong.join(', ')} of ${from}`
}

function touching(use: Use, globals: Pure): string | undefined {
  const [name = '', member] = use.path
  if (name === 'luxon#DateTime') return isZoned(use) ? undefined : use.path.join('.')
  if (name.includes('#')) return undefined
  const parts = Object.hasOwn(globals, name) ? globals[name] : undefined
  if (parts === 'wholly' || (parts !== undefined && use.how === 'instanceof')) return undefined
  if (name === 'Date' && member === undefined && use.how === 'new')
    return use.args.length === 1 && isFixed(use.args) ? undefined : 'new Date'
  const isPart = member !== undefined && parts?.includes(member) === true
  if (!isPart || (name === 'Date' && !isFixed(use.args)) || (name === 'Intl' && !isSpoken(use)))
    return use.path.join('.')
  return undefined
}

/** Whether the first argument, where it is written out, means the same moment on every machine. */
function isFixed([first]: Argument[]): boolean {
  if (first?.is === 'spread') return false
  if (first?.is !== 'literal' || typeof first.value === 'number') return true
  return /^\d{4}(?:-\d\d){0,2}$|(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$/.test(first.value)
}

/** Whether a formatter is told its language, and its time zone where it has one. */
function isSpoken({ path, how, args }: Use): boolean {
  const [, name = ''] = path
  if (/^[a-z]/.test(name)) return true
  const isMade = path.length === 2 && (how === 'new' || how === 'call')
  return isMade && isTold(args[0]) && (name !== 'DateTimeFormat' || isZone(optionOf(args[1], 'timeZone')))
}

/** Whether a moment of luxon is made of a value that is there, in a zone that is said. */
function isZoned({ path, how, args }: Use): boolean {
  const [, name = ''] = path
  if (path.length < 2) return how === 'instanceof'
  if (['isDateTime', 'max', 'min'].includes(name)) return true
  // Without a year it is now.
  if (name === 'utc') return how === 'call' && isTold(args[0])
  return how === 'call' && name.startsWith('from') && args.some(each => isZone(optionOf(each, 'zone')))
}

function local({ name, how, args }: Member): string | undefined {
  // The constructor of any function makes functions of text.
  if (zoned.has(name) || name === 'constructor') return name
  if (zonedUnlessTold.has(name))
    return how === 'call' && isTold(args[0]) && isZone(optionOf(args[1], 'timeZone')) ? undefined : name
  const place = Object.hasOwn(spokenUnlessTold, name) ? spokenUnlessTold[name] : undefined
  return place === undefined || (how === 'call' && isTold(args[place])) ? undefined : name
}

function optionOf(options: Argument | undefined, key: string): Argument | undefined {
  return options?.is === 'object' ? options.keys.get(key) : undefined
}

function isTold(argument: Argument | undefined): boolean {
  return argument?.is === 'literal' || argument?.is === 'unknown'
}

function isZone(zone: Argument | undefined): boolean {
  return (
    isTold(zone) &&
    !(zone?.is === 'literal' && ['local', 'system', 'default', ''].includes(String(zone.value)))
  )
}
