import { rows } from './all-options.ts'
import type { Call, CommandName, Flag, Option, OptionName } from './option.ts'

/** An option that people can set: everything about it that is said or shown. */
export interface Setting extends Omit<Flag, 'commands' | 'default' | 'env' | 'name'> {
  /** The flag without its dashes; also the key in `track-sync.yaml`. */
  name: string
  /** Its name in a program, and among the values of a command. */
  option: OptionName
  commands: readonly CommandName[]
  /** What holds where nobody says, as people read it. */
  default: string
  /** The environment variable. */
  env: string
  form: Option<unknown>['form']
}

/** What the variables of settings begin with. */
export const prefix = 'TRACK_SYNC_'

const commandOf: Record<Call, CommandName> = {
  plan: 'plan',
  importFiles: 'import',
  resume: 'resume',
  report: 'report',
  createSandbox: 'sandbox',
}

/** Every setting there is, in the order of the help. */
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
