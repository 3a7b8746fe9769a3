import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { TrackSyncError } from '../index.ts'
import { readYaml } from '../map/yaml.ts'
import { readText } from './options.ts'
import type { Setting } from './setting.ts'
import { camelCase, settings } from './settings.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' })
const notInFile = new Set(['config', 'yes', 'json', 'open', 'new-key'])

const schema = z.strictObject(
  Object.fromEntries(
    settings
      .filter(({ name }) => !notInFile.has(name))
      .map(({ name, repeats }) => [
        name,
        (repeats === true
          ? z.union([z.array(z.string()), z.record(z.string(), z.string())], { error: 'a list' })
          : scalar
        ).optional(),
      ]),
  ),
)

/**
 * Fills in what flags and environment left open, from `--config` or from `track-sync.yaml` in this folder. A setting
 * that the command does not know is for another command.
 */
export async function applyConfig(command: Command, known: readonly Setting[]): Promise<void> {
  const given: unknown = command.getOptionValue('config')
  const path = typeof given === 'string' ? given : 'track-sync.yaml'
  if (typeof given !== 'string' && !existsSync(path)) return
  const values = readYaml(await readText(path, 'config'), path, schema, 'settings_invalid')
  for (const setting of known) {
    const value = values[setting.name]
    const option = camelCase(setting.name)
    const source = command.getOptionValueSource(option)
    if (value === undefined || (source !== undefined && source !== 'default')) continue
    command.setOptionValueWithSource(option, readValue(setting, value, path), 'config')
  }
}

function readValue(setting: Setting, value: unknown, path: string): unknown {
  const { name, read } = setting
  const one = (text: string) => (read === undefined ? text : read(text, name))
  try {
    if (Array.isArray(value)) return value.map(item => one(String(item)))
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value).map(([key, item]) => one(`${key}=${String(item)}`))
    }
    if (setting.value === undefined) return value === true
    return one(String(value))
  } catch (error) {
    if (!(error instanceof TrackSyncError)) throw error
    throw new TrackSyncError(error.code, `${path}: ${error.message}`, { ...error.problem, file: path })
  }
}
