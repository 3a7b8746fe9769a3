import { open } from 'node:fs/promises'
import {
  type AuditOptions,
  type ImportOptions,
  type PlanOptions,
  readMapping,
  type Stream,
  TrackSyncError,
} from '../index.ts'
import { nextSteps } from '../model/next-command.ts'
import { namesFor } from '../options/all-options.ts'
import type { Values } from '../options/declared.ts'
import type { Call, OptionName } from '../options/option.ts'
import { settings } from '../options/settings.ts'

/** The settings, by their names in the library. */
export type { Values } from '../options/declared.ts'

/** The options of a plan, from the settings. Unset ones are left out, so that the library's defaults apply. */
export async function planOptions(files: string[], values: Values): Promise<PlanOptions> {
  const { mappingFile } = values
  const mapping =
    mappingFile === undefined
      ? {}
      : { mapping: readMapping(await readText(mappingFile, 'mapping'), mappingFile) }
  return { files: files.map(fileOf), ...pick(values, settable('plan')), ...mapping }
}

/** The options of a library function that are also settings. */
function settable(call: Call): OptionName[] {
  const set = new Set(settings.map(({ option }) => option))
  return namesFor(call).filter(name => set.has(name))
}

/** A file by its name; `-` is standard input. */
function fileOf(name: string): string | Stream {
  if (name !== '-') return name
  if (!process.stdin.isTTY) return { name: 'stdin', stream: process.stdin }
  throw new TrackSyncError('file_not_readable', 'Standard input is a terminal.', {
    file: name,
    expected: 'rows from another command',
    next: nextSteps.help('import', 'Pipe rows in: `-` reads what another command writes.'),
  })
}

/** The options of an import but for its target. */
export async function importOptions(
  files: string[],
  values: Values,
): Promise<Omit<ImportOptions, 'url' | 'key'>> {
  return { ...(await planOptions(files, values)), ...pick(values, settable('importFiles')) }
}

/** The options of an audit but for its target. */
export async function auditOptions(files: string[], values: Values): Promise<AuditOptions> {
  const { against } = values
  const given = against === undefined ? {} : { against }
  return { ...(await planOptions(files, values)), ...pick(values, settable('audit')), ...given }
}

export async function readText(path: string, setting: string): Promise<string> {
  return await readThrough(path).catch((error: Error) => {
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

/**
 * Reads a file that is opened first: only then do all Nodes know, when the process is to end, that one of its threads may
 * hang in a pipe.
 */
async function readThrough(path: string): Promise<string> {
  const file = await open(path)
  try {
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** The values of these names that are set. */
export function pick<Name extends OptionName>(values: Values, names: readonly Name[]): Pick<Values, Name> {
  const set = names.flatMap(name => (values[name] === undefined ? [] : [[name, values[name]]]))
  return Object.fromEntries(set) as Pick<Values, Name>
}
