import { Argument, Command } from 'commander'
import { version } from '../model/version.ts'
import type { CommandName } from '../options/option.ts'
import { commandNames, commands, type Described } from './commands.ts'
import { commandHelp, helpLayout, helpWidth, mainHelp } from './help.ts'

/** What the program needs. */
export interface ProgramOptions {
  /** Gets the exit code. */
  finish?: (code: number) => void
  writeErr?: (text: string) => void
  /** The commands that get their settings. Those of the others need not be loaded. Default: all. */
  withSettings?: readonly CommandName[]
}

/** The program, made from the tables of commands, settings and exit codes. */
export async function createProgram({
  finish = () => {},
  writeErr = text => process.stderr.write(text),
  withSettings = commandNames,
}: ProgramOptions = {}): Promise<Command> {
  const program = new Command('track-sync')
    .description(
      'Send every row of CSV, NDJSON and JSON files to POST /users/track/sync, and end with a receipt for each value.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]')
    .configureHelp(helpLayout)
    // `main` reports wrong arguments.
    .configureOutput({ writeErr, outputError: () => {}, getOutHelpWidth: () => helpWidth(process.stdout) })
    .exitOverride()
    .addHelpText('after', () => `\n${mainHelp(mainExamples)}`)
  for (const described of commands) {
    const command = createCommand(described, program)
    program.addCommand(command)
    if (!withSettings.includes(described.name)) continue
    const { addSettings } = await import('./command-settings.ts')
    addSettings(command, described, finish)
  }
  return program
}

const mainExamples = [
  'track-sync import customers.csv --sandbox      try it locally; no key needed',
  'track-sync plan customers.csv                  check before you send',
  'track-sync import customers.csv                send',
  'track-sync resume latest                       continue where it stopped',
]

function createCommand({ name, means, operand, examples }: Described, program: Command): Command {
  const command = new Command(name)
    .copyInheritedSettings(program)
    .description(means)
    .helpOption('-h, --help', 'print this help')
    .configureHelp(helpLayout)
    .exitOverride()
    .addHelpText('after', () => `\n${commandHelp(examples)}`)
  if (operand !== undefined) command.addArgument(new Argument(operand))
  return command
}
