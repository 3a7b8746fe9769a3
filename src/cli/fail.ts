import { type Exit, exits, type ProblemCode, type Stop, TrackSyncError } from '../index.ts'
import { sayPlace } from '../model/problem.ts'
import type { Console } from './console.ts'
import { quote } from './next.ts'

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
  if (error instanceof TrackSyncError) {
    const { message, problem, next } = error
    console.error(`track-sync: ${message}`, { ...problem })
    if (problem.file !== undefined && problem.line !== undefined)
      console.error(`  where: ${sayPlace(problem)}`)
    if (problem.expected !== undefined && !message.includes(problem.expected))
      console.error(`  expected: ${problem.expected}`)
    console.error(`Next: ${next ?? `track-sync ${command} --help`}`)
    return exits[stop?.exit ?? exitOf(error.code, command)].code
  }
  console.error(
    `track-sync: a bug of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
  console.error('Please report it with the lines above.')
  console.error(`Next: track-sync ${folder === undefined ? `${command} --help` : `resume ${quote(folder)}`}`)
  return exits.bug.code
}

/** What is wrong with the run itself refuses a resume; before any other command it is a wrong argument. */
function exitOf(code: ProblemCode, command: string): Exit {
  if (code === 'run_disk_full') return 'stopped'
  return command === 'resume' && code.startsWith('run_') ? 'resume' : 'usage'
}
