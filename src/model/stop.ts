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

const exits: ReadonlySet<unknown> = new Set(['interrupted', 'terminated', 'bug', 'refused', 'stopped'])

/** Why a run was told to stop. Whoever aborts without a word, or with one of its own, has interrupted it. */
export function stopOf({ reason }: AbortSignal): Stop {
  const { exit, message } = (reason ?? {}) as Partial<Stop>
  if (exits.has(exit) && typeof message === 'string') return reason as Stop
  const isPlain = reason === undefined || (reason instanceof Error && reason.name === 'AbortError')
  return { exit: 'interrupted', message: isPlain ? 'Interrupted.' : `Interrupted: ${String(reason)}.` }
}
