import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { nearest } from '../map/nearest.ts'
import { type Exit, exits, type Stop } from '../model/exit.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { type ProblemCode, sayPlace, TrackSyncError } from '../model/problem.ts'
import type { Console } from './console.ts'
import { sayNext } from './next-step.ts'

/**
 * Tells what went wrong and what to type next; returns the exit code. `folder` is that of a run that had begun, `stop`
 * what somebody had told it to do.
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
    const message = `${error.message}${nearby(error)}`
    const expected = message.includes(problem.expected ?? '') ? undefined : problem.expected
    console.error(`${prefix} ${message}`, { ...problem, message, event: 'error' })
    if (problem.file !== undefined && problem.line !== undefined)
      console.error(`  where: ${sayPlace(problem)}`, { isDetail: true })
    if (expected !== undefined) console.error(`  expected: ${expected}`, { isDetail: true })
    sayNext(console, stepAfterError(error, console, command, folder))
    return exits[stop?.exit ?? exitOf(error.code, command)].code
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  console.error(`${prefix} internal error: ${trace}`, { event: 'bug' })
  console.error('This is a bug in track-sync. Please report it with the lines above.', { isDetail: true })
  sayNext(console, folder === undefined ? nextSteps.help(command) : nextSteps.goOn(folder))
  return exits.bug.code
}

/**
 * What was typed is typed again once the mistake is mended, unless it was the mistake, or could not even be read. A run
 * that has begun is gone on with.
 */
function stepAfterError(
  { code, step, next }: TrackSyncError,
  { typed }: Console,
  command: string,
  folder?: string,
): NextStep {
  if (step !== undefined && (typed !== undefined || step.command.does !== 'again')) return step
  if (typed === undefined || notAgain.has(code)) return nextSteps.help(command, next)
  return folder === undefined ? nextSteps.again(next) : nextSteps.goOn(folder, {}, next)
}

/** The words of the command are wrong, and would be wrong again; or its rows have left, and nobody knows which. */
const notAgain: ReadonlySet<ProblemCode> = new Set([
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

/** The file that was probably meant, where one of nearly that name lies where it was looked for. */
function nearby({ code, problem: { file = '' } }: TrackSyncError): string {
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

/** Why a run may not be gone on with, whichever command was to do so. */
const refusing: ReadonlySet<ProblemCode> = new Set([
  'run_in_use',
  'run_damaged',
  'run_finished',
  'run_changed',
  'run_other_target',
])

/** What is wrong with the run itself refuses a resume; before any other command it is a wrong argument. */
function exitOf(code: ProblemCode, command: string): Exit {
  if (code === 'run_disk_full' || code === 'run_gone') return 'stopped'
  if (refusing.has(code)) return 'resume'
  return command === 'resume' && code.startsWith('run_') ? 'resume' : 'usage'
}
