import { Argument, Command, Option } from 'commander'
import { version } from '../index.ts'
import type { Typed } from '../model/next-command.ts'
import type { Origins } from '../options/conflicts.ts'
import type { CommandName } from '../options/option.ts'
import { type Setting, settingsFor } from '../options/settings.ts'
import { type Console, createConsole } from './console.ts'
import { fail } from './fail.ts'
import { gather } from './gather-settings.ts'
import { commandHelp, helpLayout, helpWidth, mainHelp } from './help.ts'
import { importCommand } from './import-command.ts'
import { planCommand } from './plan-command.ts'
import { reportCommand } from './report-command.ts'
import { resumeCommand } from './resume-command.ts'
import { sandboxCommand } from './sandbox-command.ts'
import { stoppable } from './signals.ts'
import type { Values } from './to-options.ts'
import { unknownVariables } from './usage.ts'

/** What a command does; it returns the exit code. */
export type Action = (
  operands: string[],
  values: Values,
  console: Console,
  origins: Origins,
) => Promise<number>

interface Described {
  name: CommandName
  operand?: string
  means: string
  examples: string[]
  run: Action
}

const commands: Described[] = [
  {
    name: 'plan',
    operand: '<file...>',
    means: 'read, map and check everything; send nothing',
    examples: ['track-sync plan customers.csv', 'track-sync plan orders.ndjson --kind purchases --json'],
    run: (files, values, console) =>
      stoppable(console, 'Nothing was sent.', signal => planCommand(files, values, console, signal)),
  },
  {
    name: 'import',
    operand: '<file...>',
    means: 'plan, then send, then reconcile',
    examples: [
      'track-sync import customers.csv --sandbox',
      'track-sync import customers.csv --mapping customers.yaml',
      'track-sync import customers.csv --once --quiet   # for a scheduler',
    ],
    run: importCommand,
  },
  {
    name: 'resume',
    operand: '<run>',
    means: 'go on with an interrupted run: a path, an id or latest',
    examples: ['track-sync resume latest', 'track-sync resume reports/20261123-boxes --max-errors 500'],
    run: resumeCommand,
  },
  {
    name: 'report',
    operand: '<run>',
    means: 'rebuild the report from the journal, offline',
    examples: [
      'track-sync report latest --open',
      'track-sync report latest --compare reports/february',
      'track-sync report latest --redact',
    ],
    run: (run, values, console) =>
      stoppable(console, 'The report is not whole; its run is as it was.', signal =>
        reportCommand(run, values, console, signal),
      ),
  },
  {
    name: 'sandbox',
    means: 'run the local endpoint',
    examples: ['track-sync sandbox --port 4010'],
    run: sandboxCommand,
  },
]

export const commandNames: readonly string[] = commands.map(({ name }) => name)

/** The program, made from the tables of commands, settings and exit codes. `finish` gets the exit code. */
export function createProgram(
  finish: (code: number) => void,
  writeErr: (text: string) => void = text => process.stderr.write(text),
): Command {
  const program = new Command('track-sync')
    .description(
      'Send every row of CSV, NDJSON and JSON files to POST /users/track/sync, and end with a receipt for each value.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]')
    .configureHelp(helpLayout)
    // What is wrong with the arguments is told by `main`.
    .configureOutput({ writeErr, outputError: () => {}, getOutHelpWidth: () => helpWidth(process.stdout) })
    .exitOverride()
    .addHelpText('after', () => `\n${mainHelp(mainExamples)}`)
  for (const described of commands) program.addCommand(createCommand(described, program, finish))
  return program
}

const mainExamples = [
  'track-sync import customers.csv --sandbox      try it here; no key needed',
  'track-sync plan customers.csv                  look before you send',
  'track-sync import customers.csv                send',
  'track-sync resume latest                       go on where it stopped',
]

function createCommand(described: Described, program: Command, finish: (code: number) => void): Command {
  const command = new Command(described.name)
    .copyInheritedSettings(program)
    .description(described.means)
    .helpOption('-h, --help', 'print this help')
    .configureHelp(helpLayout)
  const known = settingsFor(described.name)
  if (described.operand !== undefined) command.addArgument(new Argument(described.operand))
  for (const setting of known) command.addOption(createOption(setting))
  const noted = noteFlags(command, known)
  command.addHelpText('after', () => `\n${commandHelp(described.examples)}`)
  return command.exitOverride().action(async () => {
    const { values, origins } = await gather(command, known, process.env)
    const { quiet = false, json = false, logFormat = 'text', noColor = false } = values
    const typed = { command: described.name, operands: command.args, ...noted }
    const console = createConsole({ quiet, json, logFormat, color: !noColor, typed })
    for (const message of unknownVariables(process.env))
      console.error(`track-sync: ${message}`, { event: 'variable_unknown', level: 'warn' })
    try {
      finish(await described.run(command.args, values, console, origins))
    } catch (error) {
      finish(fail(error, console, described.name))
    }
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
