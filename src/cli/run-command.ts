import type { Command } from 'commander'
import type { Typed } from '../model/next-command.ts'
import type { Setting } from '../options/settings.ts'
import type { Described } from './commands.ts'
import { createConsole } from './console.ts'
import { fail } from './fail.ts'
import { gather } from './gather-settings.ts'
import { unknownVariables } from './usage.ts'

/** Gathers the settings of a command and runs it; returns the exit code, whatever happens. */
export async function runCommand(
  command: Command,
  known: readonly Setting[],
  { name, run }: Described,
  recorded: Pick<Typed, 'flags' | 'withheld'>,
): Promise<number> {
  const { values, origins } = await gather(command, known, process.env)
  const { quiet = false, json = false, logFormat = 'text', noColor = false } = values
  const typed = { command: name, operands: command.args, ...recorded }
  const console = createConsole({ quiet, json, logFormat, color: !noColor, typed })
  for (const message of unknownVariables(process.env))
    console.error(`track-sync: ${message}`, { event: 'variable_unknown', level: 'warn' })
  try {
    return await run(command.args, values, console, origins)
  } catch (error) {
    return fail(error, console, name)
  } finally {
    // Reading that was broken off would keep the process alive for as long as somebody may still write.
    if (command.args.includes('-')) process.stdin.destroy()
  }
}
