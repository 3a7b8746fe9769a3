import { columnTypes, defaults, formats, kinds, limits, replays } from '../index.ts'
import * as read from './read-value.ts'

export type CommandName = 'plan' | 'import' | 'report' | 'sandbox'

/** One setting: how it is said, read, explained. Flags, environment, configuration file, help and README come from here. */
export interface Setting {
  /** The name of the flag without its dashes; the key in `track-sync.yaml`. */
  name: string
  /** What stands for the value in help; none for a flag that is on or off. */
  value?: string
  group: 'Reading' | 'Sending' | 'Stopping' | 'Output' | 'Sandbox'
  commands: readonly CommandName[]
  means: string
  /** What holds where nobody says; as people read it. */
  default?: string
  /** The environment variable; by default `TRACK_SYNC_` and the name. */
  env?: string
  /** May be given several times. */
  repeats?: true
  read?: (text: string, setting: string) => unknown
}

const reading = ['plan', 'import'] as const
const sending = ['import'] as const
const all = ['plan', 'import', 'report'] as const

export const settings: readonly Setting[] = [
  {
    name: 'kind',
    value: 'KIND',
    group: 'Reading',
    commands: reading,
    read: read.oneOf(kinds),
    default: 'from the columns',
    means: `what the rows are: ${kinds.join(', ')}`,
  },
  {
    name: 'id',
    value: 'IDENTIFIER=COLUMN',
    group: 'Reading',
    commands: reading,
    repeats: true,
    read: read.identifier,
    default: 'a column of that name',
    means:
      'the column that holds an identifier: external_id, braze_id, email, phone, user_alias.alias_name, user_alias.alias_label',
  },
  {
    name: 'mapping',
    value: 'FILE',
    group: 'Reading',
    commands: reading,
    default: 'none',
    means: 'a YAML file that says which column becomes which field',
  },
  {
    name: 'type',
    value: 'COLUMN=TYPE',
    group: 'Reading',
    commands: reading,
    repeats: true,
    read: read.columnType,
    means: `the type of a column: ${columnTypes.join(', ')}`,
  },
  {
    name: 'types',
    value: 'infer|text',
    group: 'Reading',
    commands: reading,
    read: read.oneOf(['infer', 'text']),
    default: 'infer',
    means: 'columns without a type: look at every cell, or take all for text',
  },
  {
    name: 'empty',
    value: 'skip|null',
    group: 'Reading',
    commands: reading,
    read: read.oneOf(['skip', 'null']),
    default: 'skip',
    means: 'an empty cell: say nothing about the field, or remove its value',
  },
  {
    name: 'null-token',
    value: 'TEXT',
    group: 'Reading',
    commands: reading,
    default: 'none',
    means: 'a cell that is exactly this removes the value',
  },
  {
    name: 'on-type-error',
    value: 'field|row|stop',
    group: 'Reading',
    commands: reading,
    read: read.oneOf(['field', 'row', 'stop']),
    default: 'row',
    means: 'a cell that does not fit its type costs the field, the row, or the run',
  },
  {
    name: 'format',
    value: 'FORMAT',
    group: 'Reading',
    commands: reading,
    read: read.oneOf(formats),
    default: 'by name, then content',
    means: `the format of the files: ${formats.join(', ')}`,
  },
  {
    name: 'delimiter',
    value: 'CHARACTER',
    group: 'Reading',
    commands: reading,
    read: read.delimiter,
    default: 'found in the header',
    means: 'what stands between the cells of a CSV file; `tab` for a tab',
  },
  {
    name: 'update-existing-only',
    group: 'Reading',
    commands: reading,
    default: 'off',
    means: 'set _update_existing_only on every object that does not say',
  },

  {
    name: 'sandbox',
    group: 'Sending',
    commands: sending,
    default: 'off',
    means: 'send to a sandbox inside this process; needs no host and no key',
  },
  {
    name: 'url',
    value: 'URL',
    group: 'Sending',
    commands: sending,
    env: 'BRAZE_API_URL',
    default: 'none',
    means: 'the REST host of your instance, such as https://rest.fra-01.braze.eu',
  },
  {
    name: 'api-key-file',
    value: 'FILE',
    group: 'Sending',
    commands: sending,
    default: 'the variable BRAZE_API_KEY',
    means: 'a file that holds the REST API key; the key itself is never a flag',
  },
  {
    name: 'rate',
    value: 'N|off',
    group: 'Sending',
    commands: reading,
    read: read.rate,
    default: String(limits.requestsPerMinute.max),
    means: 'requests a minute (also N/s, N/h); `off` for a host on this machine only',
  },
  {
    name: 'concurrency',
    value: 'N',
    group: 'Sending',
    commands: sending,
    read: read.count,
    default: String(defaults.concurrency),
    means: 'requests in flight at most',
  },
  {
    name: 'body-form',
    value: 'array|object',
    group: 'Sending',
    commands: sending,
    read: read.oneOf(['array', 'object']),
    default: defaults.bodyForm,
    means: 'send the object as a list of one, or bare',
  },
  {
    name: 'after-unknown',
    value: 'hold|continue',
    group: 'Sending',
    commands: sending,
    read: read.oneOf(['hold', 'continue']),
    default: defaults.afterUnknown,
    means: 'the later rows of a user after one whose end nobody knows',
  },
  {
    name: 'after-rejected',
    value: 'hold|continue',
    group: 'Sending',
    commands: sending,
    read: read.oneOf(['hold', 'continue']),
    default: defaults.afterRejected,
    means: 'the later rows of a user after one that was rejected',
  },
  {
    name: 'replay',
    value: 'safe|all|none',
    group: 'Sending',
    commands: sending,
    read: read.oneOf(replays),
    default: defaults.replay,
    means: 'what may be sent again after a lost answer: what does no harm twice, everything, nothing',
  },

  {
    name: 'max-errors',
    value: 'N|N%',
    group: 'Stopping',
    commands: sending,
    read: read.budget,
    default: String(defaults.maxErrors),
    means: 'stop at so many invalid, rejected, unknown and mismatched rows',
  },
  {
    name: 'yes',
    group: 'Stopping',
    commands: sending,
    default: 'off',
    means: 'send without asking; without a terminal, or with --sandbox, nobody is asked',
  },

  {
    name: 'runs-dir',
    value: 'DIR',
    group: 'Output',
    commands: ['import', 'report'],
    default: defaults.runsDir,
    means: 'where runs are written',
  },
  {
    name: 'run-id',
    value: 'ID',
    group: 'Output',
    commands: sending,
    default: 'time and file name',
    means: 'the name of the run',
  },
  {
    name: 'open',
    group: 'Output',
    commands: ['report'],
    default: 'off',
    means: 'show the page in a browser',
  },
  {
    name: 'json',
    group: 'Output',
    commands: all,
    default: 'off',
    means: 'print the summary (or the plan) as JSON',
  },
  {
    name: 'quiet',
    group: 'Output',
    commands: all,
    default: 'off',
    means: 'no plan and no progress; the summary stays',
  },
  {
    name: 'log-format',
    value: 'text|json',
    group: 'Output',
    commands: all,
    read: read.oneOf(['text', 'json']),
    default: 'text',
    means: 'how lines on stderr are written',
  },
  {
    name: 'config',
    value: 'FILE',
    group: 'Output',
    commands: all,
    default: 'track-sync.yaml, if it is there',
    means: 'a YAML file of settings, by their names here',
  },

  {
    name: 'port',
    value: 'N',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.port,
    default: '4010',
    means: 'the port to listen on; 0 for any',
  },
  {
    name: 'limit',
    value: 'N|off',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.countOrOff,
    default: String(limits.requestsPerMinute.max),
    means: 'requests it takes in 60 s',
  },
  {
    name: 'window',
    value: 'fixed|rolling',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.oneOf(['fixed', 'rolling']),
    default: 'fixed',
    means: 'how it counts them',
  },
  {
    name: 'reset',
    value: 'epoch|delta',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.oneOf(['epoch', 'delta']),
    default: 'epoch',
    means: 'X-RateLimit-Reset as a moment, or as seconds to go',
  },
  {
    name: 'on-429',
    value: 'retry-after|all',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.oneOf(['retry-after', 'all']),
    default: 'retry-after',
    means: 'the headers of a 429',
  },
  {
    name: 'latency',
    value: 'MS',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.natural,
    default: '0',
    means: 'how long an answer takes',
  },
]

export function settingsFor(command: CommandName): Setting[] {
  return settings.filter(setting => setting.commands.includes(command))
}

/** The environment variable of a setting. */
export function envOf({ name, env }: Setting): string {
  return env ?? `TRACK_SYNC_${name.toUpperCase().replaceAll('-', '_')}`
}

/** `api-key-file` as a program writes it. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
