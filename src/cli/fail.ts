import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { nearest } from '../map/nearest.ts'
import { type Exit, exits, type Stop } from '../model/exit.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { type ProblemCode, sayPlace, TrackSyncError } from '../model/problem.ts'
import type { Console } from './console.ts'
import { printNext } from './next-step.ts'

/**
 * Reports what went wrong and what to type next; returns the exit code. `folder` is that of a run that had begun, `stop`
 * the reason if it had been told to stop.
 */
export function fail(
  error: unknown,
  console: Console,
  command: string,
  folder?: string,
  stop?: Stop,
): number {
  const prefix = console.paint?.('red', 'track-sync:') ?? 'track-sync:'
  if (error instanceof TrackSyncError) {
    const { problem } = error
    const message = `${error.message}${suggestion(error)}`
    const expected = message.includes(problem.expected ?? '') ? undefined : problem.expected
    console.error(`${prefix} ${message}`, { ...problem, message, event: 'error' })
    if (problem.file !== undefined && problem.line !== undefined)
      console.error(`  where: ${sayPlace(problem)}`, { isDetail: true })
    if (expected !== undefined) console.error(`  expected: ${expected}`, { isDetail: true })
    printNext(console, stepAfterError(error, console, command, folder))
    return exits[stop?.exit ?? exitOf(error.code, command)].code
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  console.error(`${prefix} internal error: ${trace}`, { event: 'bug' })
  console.error('This is a bug in track-sync. Please report it with the lines above.', { isDetail: true })
  printNext(console, folder === undefined ? nextSteps.help(command) : nextAfter(command, folder))
  return exits.bug.code
}

/**
 * The same command can be repeated once the mistake is fixed, unless the command itself was wrong or could not be read. A
 * run that has begun is resumed.
 */
function stepAfterError(
  { code, step, next }: TrackSyncError,
  { typed }: Console,
  command: string,
  folder?: string,
): NextStep {
  if (command === 'audit' && step?.id === 'goOn') return nextSteps.auditAgain(step.advice)
  if (step !== undefined && (typed !== undefined || step.command.does !== 'again')) return step
  if (typed === undefined || notRepeatable.has(code)) return nextSteps.help(command, next)
  return folder === undefined ? nextSteps.again(next) : nextAfter(command, folder, next)
}

/** A run that has begun is resumed, an audit started again. */
function nextAfter(command: string, folder: string, advice?: string): NextStep {
  return command === 'audit' ? nextSteps.auditAgain(advice) : nextSteps.goOn(folder, {}, advice)
}

/** Repeating the command would fail again; or rows have been sent, and it is not known which. */
const notRepeatable: ReadonlySet<ProblemCode> = new Set([
  'run_gone',
  'settings_invalid',
  'kind_unknown',
  'column_unknown',
  'column_misplaced',
  'identifier_column_missing',
  'file_not_found',
  'file_twice',
  'format_unknown',
  'host_missing',
  'host_insecure',
  'run_not_found',
])

/** The file that was probably meant: one with a similar name in the same folder. */
function suggestion({ code, problem: { file = '' } }: TrackSyncError): string {
  if (code !== 'file_not_found') return ''
  const near = nearest(basename(file), namesIn(dirname(file)))
  return near === undefined ? '' : ` Did you mean \`${join(dirname(file), near)}\`?`
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Why a run cannot be resumed or undone, whichever command tried to. */
const refusesRun: ReadonlySet<ProblemCode> = new Set([
  'snapshot_missing',
  'run_in_use',
  'run_damaged',
  'run_finished',
  'run_changed',
  'run_other_target',
])

/** A problem with the run refuses a resume or an undo; for any other command the argument is wrong. */
function exitOf(code: ProblemCode, command: string): Exit {
  if (code === 'run_disk_full' || code === 'run_gone') return 'stopped'
  if (refusesRun.has(code)) return 'resume'
  return (command === 'resume' || command === 'undo') && code.startsWith('run_') ? 'resume' : 'usage'
}
