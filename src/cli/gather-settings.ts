import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { readWithLines } from '../map/yaml.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Origin, Origins } from '../options/conflicts.ts'
import type { OptionName } from '../options/option.ts'
import { type Setting, settings } from '../options/settings.ts'
import { readText, type Values } from './to-options.ts'

/** The settings of a command, and where each of them comes from. */
export interface Gathered {
  values: Values
  origins: Origins
}

/** The texts of a setting, and how an error names their place. */
interface Found {
  texts: readonly string[]
  origin: Origin
  place?: string
  file?: string
  line?: number
}

/**
 * Gathers the settings: a flag, else an environment variable, else a line of `--config` or of the `track-sync.yaml` in
 * this folder. All three are text and are read in the same way. An empty variable sets nothing; a line of the file that
 * this command does not know belongs to another command.
 */
export async function gather(
  command: Command,
  known: readonly Setting[],
  env: NodeJS.ProcessEnv,
): Promise<Gathered> {
  const fromFile = await readFile(command, env)
  const values = new Map<OptionName, unknown>()
  const origins = new Map<OptionName, Origin>()
  for (const setting of known) {
    const found = fromFlag(command, setting) ?? fromVariable(env, setting) ?? fromFile(setting)
    if (found === undefined) continue
    values.set(setting.option, readFound(setting, found))
    origins.set(setting.option, found.origin)
  }
  // Each value was read by the form of its name, so that the types are those of the table.
  return { values: Object.fromEntries(values) as Values, origins }
}

function readFound({ name, form }: Setting, { texts, place, file, line }: Found): unknown {
  try {
    return form.text?.read(texts, name)
  } catch (error) {
    if (!(error instanceof TrackSyncError) || place === undefined) throw error
    const where = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
    throw new TrackSyncError(error.code, `${place}: ${error.message}`, { ...error.problem, ...where })
  }
}

/** Commander provides what was typed: one text, several, or just that the flag was there. */
function fromFlag(command: Command, { name }: Setting): Found | undefined {
  const option = command.options.find(({ long }) => long === `--${name}`)
  const key = option?.attributeName() ?? ''
  if (command.getOptionValueSource(key) !== 'cli') return undefined
  const value: unknown = command.getOptionValue(key)
  if (Array.isArray(value)) return { texts: value.map(String), origin: 'flag' }
  return { texts: [typeof value === 'string' ? value : 'on'], origin: 'flag' }
}

function fromVariable(env: NodeJS.ProcessEnv, { env: variable }: Setting): Found | undefined {
  const text = env[variable]
  return text === undefined || text === '' ? undefined : { texts: [text], origin: 'env', place: variable }
}

const defaultPath = 'track-sync.yaml'

async function readFile(
  command: Command,
  env: NodeJS.ProcessEnv,
): Promise<(setting: Setting) => Found | undefined> {
  const config = settings.find(({ name }) => name === 'config')
  const configFlag =
    config === undefined ? undefined : (fromFlag(command, config) ?? fromVariable(env, config))
  const path =
    config === undefined || configFlag === undefined ? defaultPath : String(readFound(config, configFlag))
  if (configFlag === undefined && !existsSync(path)) return () => undefined
  const { value, lineOf } = readWithLines(
    await readText(path, 'config'),
    path,
    schema,
    'settings_invalid',
    true,
  )
  return ({ name }) => {
    const found = value[name]
    if (found === undefined) return undefined
    const line = lineOf(name)
    return { texts: textsOf(found), origin: 'file', place: `${path}, line ${line}`, file: path, line }
  }
}

/** A list, or names and their values; both may stand for a repeated setting. */
function textsOf(found: string | string[] | Record<string, string>): string[] {
  if (typeof found === 'string') return [found]
  return Array.isArray(found) ? found : Object.entries(found).map(([name, text]) => `${name}=${text}`)
}

const one = z.string({ error: 'a text, a number, true or false' })
const several = z.union([z.array(z.string()), z.record(z.string(), z.string())], { error: 'a list' })

const schema = z.strictObject(
  Object.fromEntries(
    settings
      .filter(({ notInFile }) => notInFile !== true)
      .map(({ name, repeats }) => [name, (repeats === true ? several : one).optional()]),
  ),
)
