import type { Origins } from '../options/conflicts.ts'
import type { Values } from '../options/declared.ts'
import type { CommandName } from '../options/option.ts'
import type { Console } from './console.ts'

/** What a command does; it returns the exit code. */
export type Action = (
  operands: string[],
  values: Values,
  console: Console,
  origins: Origins,
) => Promise<number>

/** A command as help describes it. Its code is loaded when it runs. */
export interface Described {
  name: CommandName
  operand?: string
  means: string
  examples: string[]
  run: Action
}

export const commands: readonly Described[] = [
  {
    name: 'plan',
    operand: '<file...>',
    means: 'dry run: read, map and check everything; send nothing',
    examples: ['track-sync plan customers.csv', 'track-sync plan orders.ndjson --kind purchases --json'],
    run: async (files, values, console) =>
      await (await import('./plan-command.ts')).planCommand(files, values, console),
  },
  {
    name: 'import',
    operand: '<file...>',
    means: 'plan, send, and compare every value with the response',
    examples: [
      'track-sync import customers.csv --sandbox',
      'track-sync import customers.csv --mapping customers.yaml',
      'track-sync import customers.csv --once --quiet   # for a scheduler',
    ],
    run: async (...args) => await (await import('./import-command.ts')).importCommand(...args),
  },
  {
    name: 'resume',
    operand: '<run>',
    means: 'resume an interrupted run: a path, an id or latest',
    examples: ['track-sync resume latest', 'track-sync resume reports/20261123-boxes --max-errors 500'],
    run: async (...args) => await (await import('./resume-command.ts')).resumeCommand(...args),
  },
  {
    name: 'audit',
    operand: '<file|run...>',
    means: 'compare files, or a run, with the profiles; write nothing',
    examples: [
      'track-sync audit customers.csv',
      'track-sync audit latest                            # what has changed since',
      'track-sync audit customers.csv --against export.ndjson',
    ],
    run: async (...args) => await (await import('./audit-command.ts')).auditCommand(...args),
  },
  {
    name: 'undo',
    operand: '<run>',
    means: 'put back what a run changed, where it still stands',
    examples: ['track-sync undo latest', 'track-sync undo reports/20261123-customers --yes'],
    run: async (run, values, console) =>
      await (await import('./undo-command.ts')).undoCommand(run, values, console),
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
    run: async (run, values, console) =>
      await (await import('./report-command.ts')).reportCommand(run, values, console),
  },
  {
    name: 'sandbox',
    means: 'run a local copy of the endpoint',
    examples: ['track-sync sandbox --port 4010'],
    run: async (none, values, console) =>
      await (await import('./sandbox-command.ts')).sandboxCommand(none, values, console),
  },
]

export const commandNames: readonly CommandName[] = commands.map(({ name }) => name)
