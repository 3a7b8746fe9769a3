import { type Command, Option } from 'commander'
import type { Typed } from '../model/next-command.ts'
import { type Setting, settingsFor } from '../options/settings.ts'
import type { Described } from './commands.ts'

/** Gives a command its flags, and what it does. */
export function addSettings(command: Command, described: Described, finish: (code: number) => void): void {
  const known = settingsFor(described.name)
  for (const setting of known) command.addOption(createOption(setting))
  const noted = noteFlags(command, known)
  command.action(async () => {
    const { runCommand } = await import('./run-command.ts')
    finish(await runCommand(command, known, described, noted))
  })
}

function createOption(setting: Setting): Option {
  const { name, value, repeats, group, means } = setting
  const byDefault = tellsNothing.has(setting.default) ? '' : ` [${setting.default}]`
  const option = new Option(`--${name}${value === undefined ? '' : ` <${value}>`}`, `${means}${byDefault}`)
  option.helpGroup(`${group}:`)
  if (repeats !== true) return option
  return option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
}

/** Keeps the flags as they are typed, in their order; what comes from elsewhere holds for the next command anyway. */
function noteFlags(command: Command, known: readonly Setting[]): Pick<Typed, 'flags' | 'withheld'> {
  const flags: Record<string, string | true | string[]> = {}
  const withheld: string[] = []
  for (const { name, value, repeats } of known) {
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

/** Defaults that go without saying. */
const tellsNothing = new Set(['off', 'none'])
