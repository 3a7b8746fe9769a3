import type { Exit } from './exit.ts'

/** Why a run stops before the end of its input. */
export interface Stop {
  exit: Exclude<Exit, 'ok' | 'attention' | 'unknown' | 'usage' | 'resume'>
  /** One sentence: what happened. */
  message: string
  /** What to do about it. */
  next?: string
  /** The flags that a resume needs to get any further. */
  resumeWith?: string
}
