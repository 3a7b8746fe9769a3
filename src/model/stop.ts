import type { Exit } from './exit.ts'

/** Why a run stops before the end of its input. */
export interface Stop {
  exit: Exclude<Exit, 'ok' | 'attention' | 'unknown' | 'usage' | 'resume'>
  /** One sentence: what happened. */
  message: string
  /** What to do about it, in words; the command to type then goes on with the run. */
  next?: string
  /** The flags that a resume needs to get any further, by the names of the settings. */
  resumeWith?: Record<string, string>
}
