import { exits, TrackSyncError } from '../index.ts'
import { sayPlace } from '../model/problem.ts'
import type { Console } from './console.ts'

/** Tells what went wrong and what to type next; returns the exit code. */
export function fail(error: unknown, console: Console, command: string): number {
  if (error instanceof TrackSyncError) {
    const { message, problem, next } = error
    console.error(`track-sync: ${message}`, { ...problem })
    if (problem.file !== undefined && problem.line !== undefined)
      console.error(`  where: ${sayPlace(problem)}`)
    if (problem.expected !== undefined && !message.includes(problem.expected))
      console.error(`  expected: ${problem.expected}`)
    console.error(`Next: ${next ?? `track-sync ${command} --help`}`)
    return exits.usage.code
  }
  console.error(
    `track-sync: a bug of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
  console.error('Next: please report it with the lines above; the run folder holds everything up to here.')
  return exits.bug.code
}
