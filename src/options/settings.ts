import { rows } from './all-options.ts'
import type { Call, CommandName, Flag, Option, OptionName } from './option.ts'

/** An option that is also a setting, with everything that help and messages show of it. */
export interface Setting extends Omit<Flag, 'commands' | 'default' | 'env' | 'name'> {
  /** The flag without its dashes; also the key in `track-sync.yaml`. */
  name: string
  /** Its name in a program, and among the values of a command. */
  option: OptionName
  commands: readonly CommandName[]
  /** The default as shown to people. */
  default: string
  /** The environment variable. */
  env: string
  form: Option<unknown>['form']
}

/** The prefix of the variables. */
export const prefix = 'TRACK_SYNC_'

const commandOf: Record<Call, CommandName> = {
  plan: 'plan',
  importFiles: 'import',
  resume: 'resume',
  audit: 'audit',
  auditRun: 'audit',
  undo: 'undo',
  report: 'report',
  createSandbox: 'sandbox',
}

/** Every setting, in the order of the help. */
export const settings: readonly Setting[] = rows.flatMap(([option, row]) =>
  row.flag === undefined ? [] : [settingOf(option, row, row.flag)],
)

function settingOf(option: OptionName, row: Option<unknown>, flag: Flag): Setting {
  const name = flag.name ?? option.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  const written = row.default === undefined ? undefined : row.form.text?.write(row.default)
  return {
    ...flag,
    name,
    option,
    commands: flag.commands ?? (row.calls ?? []).map(call => commandOf[call]),
    default: flag.default ?? written?.join(' ') ?? 'none',
    env: flag.env ?? `${prefix}${name.toUpperCase().replaceAll('-', '_')}`,
    form: row.form,
  }
}

export function settingsFor(command: CommandName): Setting[] {
  return settings.filter(({ commands }) => commands.includes(command))
}
