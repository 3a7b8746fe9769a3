import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { readWithLines } from '../map/yaml.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Origin, Origins } from '../options/conflicts.ts'
import type { OptionName } from '../options/option.ts'
import { type Setting, settings } from '../options/settings.ts'
import { readText, type Values } from './to-options.ts'

/** The settings of a command, and where each of them was said. */
export interface Given {
  values: Values
  origins: Origins
}

/** The texts of a setting as they were found, and how an error names the place. */
interface Said {
  texts: readonly string[]
  origin: Origin
  place?: string
  file?: string
  line?: number
}

/**
 * Gathers what was said: a flag, else an environment variable, else a line of `--config` or of the `track-sync.yaml` in
 * this folder. All three are text, and read in one way. A variable that is empty says nothing; a line of the file that
 * this command does not know is for another.
 */
export async function gather(
  command: Command,
  known: readonly Setting[],
  env: NodeJS.ProcessEnv,
): Promise<Given> {
  const ofFile = await readFile(command, env)
  const values = new Map<OptionName, unknown>()
  const origins = new Map<OptionName, Origin>()
  for (const setting of known) {
    const said = ofFlag(command, setting) ?? ofVariable(env, setting) ?? ofFile(setting)
    if (said === undefined) continue
    values.set(setting.option, readSaid(setting, said))
    origins.set(setting.option, said.origin)
  }
  // Each value was read by the form of its name, so that the types are those of the table.
  return { values: Object.fromEntries(values) as Values, origins }
}

function readSaid({ name, form }: Setting, { texts, place, file, line }: Said): unknown {
  try {
    return form.text?.read(texts, name)
  } catch (error) {
    if (!(error instanceof TrackSyncError) || place === undefined) throw error
    const where = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
    throw new TrackSyncError(error.code, `${place}: ${error.message}`, { ...error.problem, ...where })
  }
}

/** Commander hands over what was typed: one text, several, or that the flag was there. */
function ofFlag(command: Command, { name }: Setting): Said | undefined {
  const option = command.options.find(({ long }) => long === `--${name}`)
  const key = option?.attributeName() ?? ''
  if (command.getOptionValueSource(key) !== 'cli') return undefined
  const value: unknown = command.getOptionValue(key)
  if (Array.isArray(value)) return { texts: value.map(String), origin: 'flag' }
  return { texts: [typeof value === 'string' ? value : 'on'], origin: 'flag' }
}

function ofVariable(env: NodeJS.ProcessEnv, { env: variable }: Setting): Said | undefined {
  const text = env[variable]
  return text === undefined || text === '' ? undefined : { texts: [text], origin: 'env', place: variable }
}

const defaultPath = 'track-sync.yaml'

async function readFile(
  command: Command,
  env: NodeJS.ProcessEnv,
): Promise<(setting: Setting) => Said | undefined> {
  const config = settings.find(({ name }) => name === 'config')
  const said = config === undefined ? undefined : (ofFlag(command, config) ?? ofVariable(env, config))
  const path = config === undefined || said === undefined ? defaultPath : String(readSaid(config, said))
  if (said === undefined && !existsSync(path)) return () => undefined
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

/** A list, or names and their values; both may stand for what is said several times. */
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
