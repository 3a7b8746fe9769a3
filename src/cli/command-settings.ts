import { type Command, Option } from 'commander'
import type { Typed } from '../model/next-command.ts'
import { type Setting, settingsFor } from '../options/settings.ts'
import type { Described } from './commands.ts'

/** Adds its flags and its action to a command. */
export function addSettings(command: Command, described: Described, finish: (code: number) => void): void {
  const settings = settingsFor(described.name)
  for (const setting of settings) command.addOption(createOption(setting))
  const recorded = recordFlags(command, settings)
  command.action(async () => {
    const { runCommand } = await import('./run-command.ts')
    finish(await runCommand(command, settings, described, recorded))
  })
}

function createOption(setting: Setting): Option {
  const { name, value, repeats, group, means } = setting
  const byDefault = impliedDefaults.has(setting.default) ? '' : ` [${setting.default}]`
  const option = new Option(`--${name}${value === undefined ? '' : ` <${value}>`}`, `${means}${byDefault}`)
  option.helpGroup(`${group}:`)
  if (repeats !== true) return option
  return option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
}

/** Records the flags as they were typed, in order. Other sources of settings also apply to the next command. */
function recordFlags(command: Command, settings: readonly Setting[]): Pick<Typed, 'flags' | 'withheld'> {
  const flags: Record<string, string | true | string[]> = {}
  const withheld: string[] = []
  for (const { name, value, repeats } of settings) {
    command.on(`option:${name}`, (text: string) => {
      const before = flags[name]
      if (value === undefined) flags[name] = true
      else if (holdsPassword.test(text)) withheld.push(name)
      else flags[name] = repeats === true ? [...(Array.isArray(before) ? before : []), text] : text
    })
  }
  return { flags, withheld }
}

/** `http://NAME:PASSWORD@HOST` */
const holdsPassword = /^[a-z][a-z\d+.-]*:\/\/[^/?#\s]*:[^/?#\s]*@/i

/** Defaults that help does not show. */
const impliedDefaults = new Set(['off', 'none'])
