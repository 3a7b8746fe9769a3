import { readFile } from 'node:fs/promises'
import { type ImportOptions, type PlanOptions, type Readings, readMapping, TrackSyncError } from '../index.ts'

/** Setting values by their names as a program writes them, as commander hands them over. */
export type Values = Record<string, unknown>

/** The options of a plan, from the settings. Those that nobody set are left out, so that the library's defaults hold. */
export async function planOptions(files: string[], values: Values): Promise<PlanOptions> {
  const { mapping, id, type } = values
  const readings = readReadings(values)
  return {
    files,
    ...pick(values, [
      'kind',
      'types',
      'empty',
      'nullToken',
      'onTypeError',
      'format',
      'delimiter',
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
    ...pick(values, [
      'concurrency',
      'bodyForm',
      'afterUnknown',
      'afterRejected',
      'replay',
      'maxErrors',
      'runsDir',
      'runId',
    ]),
  }
}

/** The host and the key, from flag, environment or key file. */
export async function readTarget({ url, apiKeyFile, rate }: Values): Promise<{ url: string; key: string }> {
  if (typeof url !== 'string' || url === '') {
    throw new TrackSyncError('host_missing', 'No host was given to send to; there is no default.', {
      expected: 'the REST host of your instance in BRAZE_API_URL or --url',
      next: 'export BRAZE_API_URL=https://rest.….braze.com (or try it first with --sandbox)',
    })
  }
  const fromFile =
    typeof apiKeyFile === 'string' ? (await readText(apiKeyFile, 'api-key-file')).trim() : undefined
  const key = fromFile ?? process.env['BRAZE_API_KEY'] ?? ''
  if (key === '') {
    throw new TrackSyncError('key_missing', 'No API key was given.', {
      expected: 'a REST API key with the permission users.track.sync',
      next: 'export BRAZE_API_KEY=… (or --api-key-file FILE)',
    })
  }
  if (rate === 'off' && !/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(url)) {
    throw new TrackSyncError('settings_invalid', '`rate` may be off for a host on this machine only.', {
      field: 'rate',
      expected: 'a number for a real host',
      came: 'off',
    })
  }
  return { url, key }
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

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.flatMap(name => (values[name] === undefined ? [] : [[name, values[name]]])))
}
