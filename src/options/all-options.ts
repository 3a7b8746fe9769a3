import type { Call, Option, OptionName, Rows } from './option.ts'
import { lookupOptions } from './lookup-options.ts'
import { outputOptions } from './output-options.ts'
import { readingOptions } from './reading-options.ts'
import { sandboxOptions } from './sandbox-options.ts'
import { sendingOptions, stoppingOptions } from './sending-options.ts'

/**
 * Every option, in the order of the help. Everything else derives from this table: what the library accepts and checks,
 * flags, variables and the settings file, help and documentation, what the journal keeps, what a resume may change, and
 * what distinguishes one run from another for `--once`.
 */
export const table = {
  ...readingOptions,
  ...sendingOptions,
  ...lookupOptions,
  ...stoppingOptions,
  ...outputOptions,
  ...sandboxOptions,
} as const satisfies Rows

type Table = typeof table

/** The rows with a common type. */
export const rows: readonly (readonly [OptionName, Option<unknown>])[] = Object.entries(table) as [
  OptionName,
  Option<unknown>,
][]

export function isOption(name: string): name is OptionName {
  return Object.hasOwn(table, name)
}

export function optionOf(name: OptionName): Option<unknown> {
  return table[name]
}

/** The options that a resume may change. */
export type ResumeSetting = {
  [Name in OptionName]: Table[Name] extends { resumable: true } ? Name : never
}[OptionName]
export const resumeSettings = rows.flatMap(([name, { resumable }]) =>
  resumable === true ? [name] : [],
) as readonly ResumeSetting[]

type Defaults = {
  readonly [Name in OptionName as TakenBy<Name, 'importFiles'>]: Table[Name] extends { default: infer Value }
    ? Value
    : never
}
type TakenBy<Name extends OptionName, By extends Call> = Table[Name] extends {
  default: unknown
  calls: readonly (infer Each)[]
}
  ? By extends Each
    ? Name
    : never
  : never

/** The defaults of an import. */
export const defaults = Object.fromEntries(
  rows.flatMap(([name, { calls = [], default: value }]) =>
    value !== undefined && calls.includes('importFiles') ? [[name, value]] : [],
  ),
) as Defaults

/** A run was read as its own settings say; how the API is taken to behave also decides how it is judged. */
function saysHowToRead(name: OptionName): boolean {
  return name === 'onPlan' || (name !== 'readings' && Object.hasOwn(readingOptions, name))
}

/**
 * The options that a library function accepts. A plan accepts those of the import it is for; a resume those that it may
 * change, and those of the run, so that it can report which ones differ.
 */
export function namesFor(call: Call): OptionName[] {
  return rows.flatMap(([name, { calls = [], journaled }]) => {
    const isOfImport = calls.includes('importFiles')
    const takes =
      calls.includes(call) ||
      (call === 'plan' && isOfImport) ||
      (call === 'auditRun' && calls.includes('audit') && !saysHowToRead(name)) ||
      (call === 'resume' && isOfImport && journaled !== undefined)
    return takes ? [name] : []
  })
}
