import type { CommandName, Setting } from './setting.ts'
import { output, sandbox } from './settings-output.ts'
import { reading } from './settings-reading.ts'
import { sending, stopping } from './settings-sending.ts'

/** Every setting there is, in the order of the help. */
export const settings: readonly Setting[] = [...reading, ...sending, ...stopping, ...output, ...sandbox]

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
