import { readFile } from 'node:fs/promises'
import {
  type ImportOptions,
  type PlanOptions,
  type Readings,
  readMapping,
  resumeSettings,
  type Stream,
  TrackSyncError,
} from '../index.ts'
import { nextSteps } from '../model/next-command.ts'

/** Setting values by their names as a program writes them, as commander hands them over. */
export type Values = Record<string, unknown>

/** The options of a plan, from the settings. Those that nobody set are left out, so that the library's defaults hold. */
export async function planOptions(files: string[], values: Values): Promise<PlanOptions> {
  const { mapping, id, type } = values
  const readings = readReadings(values)
  return {
    files: files.map(fileOf),
    ...pick(values, [
      'kind',
      'types',
      'empty',
      'nullToken',
      'onTypeError',
      'format',
      'delimiter',
      'encoding',
      'updateExistingOnly',
      'rate',
    ]),
    ...(readings === undefined ? {} : { readings }),
    ...(Array.isArray(id) ? { id: Object.fromEntries(id as [string, string][]) } : {}),
    ...(Array.isArray(type) ? { columnTypes: Object.fromEntries(type as [string, never][]) } : {}),
    ...(typeof mapping === 'string'
      ? { mapping: readMapping(await readText(mapping, 'mapping'), mapping) }
      : {}),
  }
}

/** A file by its name; `-` is standard input. */
function fileOf(name: string): string | Stream {
  if (name !== '-') return name
  if (!process.stdin.isTTY) return { name: 'stdin', stream: process.stdin }
  throw new TrackSyncError('file_not_readable', 'Standard input is this terminal.', {
    file: name,
    expected: 'rows from another command',
    next: nextSteps.help('import', 'Pipe something in: `-` reads what another command writes.'),
  })
}

/** The readings that were asked for; none where nobody asked. */
export function readReadings({ reading }: Values): Partial<Readings> | undefined {
  return Array.isArray(reading) ? Object.fromEntries(reading as [string, string | number][]) : undefined
}

/** The options of an import but for its target. */
export async function importOptions(
  files: string[],
  values: Values,
): Promise<Omit<ImportOptions, 'url' | 'key'>> {
  return {
    ...(await planOptions(files, values)),
    ...pick(values, [...resumeSettings, 'bodyForm', 'coalesce', 'runsDir', 'runId']),
    ...(typeof values['mapping'] === 'string' ? { mappingFile: values['mapping'] } : {}),
  }
}

export async function readText(path: string, setting: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: Error) => {
    throw new TrackSyncError(
      'settings_invalid',
      `\`${setting}\`: ${path} cannot be read: ${error.message}.`,
      {
        field: setting,
        file: path,
        expected: 'a file',
      },
    )
  })
}

/** The values of these names that somebody set. */
export function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.flatMap(name => (values[name] === undefined ? [] : [[name, values[name]]])))
}
