import { Argument, Command, Option } from 'commander'
import { exits, version } from '../index.ts'
import { applyConfig } from './config.ts'
import { type Console, createConsole } from './console.ts'
import { importCommand } from './import.ts'
import type { Values } from './options.ts'
import { planCommand } from './plan.ts'
import { reportCommand } from './report.ts'
import { resumeCommand } from './resume.ts'
import { sandboxCommand } from './sandbox.ts'
import type { CommandName, Setting } from './setting.ts'
import { envOf, settingsFor } from './settings.ts'

/** What a command does; it returns the exit code. */
export type Action = (operands: string[], values: Values, console: Console) => Promise<number>

/** The variable of each setting is told once, not on every line. */
const help = { optionDescription: (option: Option) => option.description }

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
    run: planCommand,
  },
  {
    name: 'import',
    operand: '<file...>',
    means: 'plan, then send, then reconcile',
    examples: [
      'track-sync import customers.csv --sandbox',
      'track-sync import customers.csv --id external_id=customerID --mapping customers.yaml',
    ],
    run: importCommand,
  },
  {
    name: 'resume',
    operand: '<run>',
    means: 'go on with an interrupted run; a run is a path, an id or latest',
    examples: ['track-sync resume latest', 'track-sync resume reports/20261123-boxes --max-errors 500'],
    run: resumeCommand,
  },
  {
    name: 'report',
    operand: '<run>',
    means: 'rebuild the report from the journal, offline; a run is a path, an id or latest',
    examples: ['track-sync report latest --open'],
    run: reportCommand,
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
export function createProgram(finish: (code: number) => void): Command {
  const program = new Command('track-sync')
    .description(
      'Send every row of CSV and NDJSON files to POST /users/track/sync,\nand end with a receipt for each value.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp(help)
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', () => `\nExit codes:\n${exitLines()}`)
  for (const described of commands) program.addCommand(createCommand(described, finish))
  return program
}

function createCommand(described: Described, finish: (code: number) => void): Command {
  const command = new Command(described.name)
    .description(described.means)
    .helpOption('-h, --help', 'print this help')
    .configureHelp(help)
  const known = settingsFor(described.name)
  if (described.operand !== undefined) command.addArgument(new Argument(described.operand))
  for (const setting of known) command.addOption(createOption(setting))
  command.addHelpText('after', `\nExamples:\n${described.examples.map(line => `  ${line}`).join('\n')}`)
  return command.exitOverride().action(async () => {
    await applyConfig(command, known)
    const values: Values = command.opts()
    const { quiet, json, logFormat } = values as { quiet?: boolean; json?: boolean; logFormat?: string }
    const said = createConsole({ quiet: quiet === true, json: json === true, logFormat: logFormat ?? 'text' })
    finish(await described.run(command.args, values, said))
  })
}

function createOption(setting: Setting): Option {
  const { name, value, repeats, read, group, means } = setting
  const option = new Option(
    `--${name}${value === undefined ? '' : ` <${value}>`}`,
    `${means} [${setting.default}]`,
  )
  option.helpGroup(`${group}:`)
  if (name !== 'config') option.env(envOf(setting))
  if (value === undefined) return option
  return option.argParser((text: string, before: unknown) => {
    const one = read === undefined ? text : read(text, name)
    return repeats === true ? [...(Array.isArray(before) ? before : []), one] : one
  })
}

function exitLines(): string {
  return Object.values(exits)
    .toSorted((a, b) => a.code - b.code)
    .map(({ code, means }) => `  ${String(code).padStart(3)}  ${means}`)
    .join('\n')
}
