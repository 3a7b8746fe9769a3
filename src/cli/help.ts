import { styleText } from 'node:util'
import type { Command, Help, Option } from 'commander'
import { exits } from '../model/exit.ts'
import { columnsMax, table, wrap } from '../report/layout.ts'

/** The layout of help. Commander wraps it, and removes the colours where they cannot be shown. */
export const helpLayout: Partial<Help> = {
  /** `--rate N|off`; commander writes `--rate <N|off>`. */
  optionTerm: ({ flags }) => flags.replace(/<(.+)>/, '$1'),
  /** The variables of the settings are explained once, not on every line. */
  optionDescription: (option: Option) => option.description,
  visibleCommands: ({ commands }) => [...commands],
  /** The last line of help mentions `--version`. */
  visibleOptions: ({ options }) => options.filter(({ long }) => long !== '--version'),
  subcommandTerm: command => [command.name(), ...operandsOf(command)].join(' '),
  commandUsage: command =>
    command.parent === null
      ? `${command.name()} COMMAND`
      : [command.parent.name(), command.name(), ...operandsOf(command), '[settings]'].join(' '),
  styleTitle: heading,
}

/** No wider than is easy to read. */
export function helpWidth({ columns = columnsMax }: { columns?: number }): number {
  return Math.min(columns, 100)
}

/** The text below the commands. */
export function mainHelp(examples: string[]): string {
  return [
    heading('Examples:'),
    ...examples.map(line => `  ${line}`),
    '',
    heading('Exit codes:'),
    ...exitLines(),
    '',
    'track-sync COMMAND --help shows its settings, track-sync --version the version.',
  ].join('\n')
}

/** The text below the settings of a command. */
export function commandHelp(examples: string[]): string {
  return [
    ...wrap(
      'Every setting can also be a variable (TRACK_SYNC_MAX_ERRORS for --max-errors), or a line of track-sync.yaml (max-errors: 50).',
    ),
    '',
    heading('Examples:'),
    ...examples.map(line => `  ${line}`),
  ].join('\n')
}

function operandsOf({ registeredArguments }: Command): string[] {
  return registeredArguments.map(operand => `<${operand.name()}${operand.variadic ? '...' : ''}>`)
}

function exitLines(): string[] {
  const sorted = Object.values(exits).toSorted((a, b) => a.code - b.code)
  return table(
    sorted.map(({ code, means }) => [String(code), means]),
    2,
    [0],
  ).flat()
}

function heading(text: string): string {
  return styleText('bold', text, { validateStream: false })
}
