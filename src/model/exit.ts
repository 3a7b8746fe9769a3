/** Every exit code, in the order in which they win when several apply. */
export const exits = {
  interrupted: { code: 130, means: 'Interrupted (Ctrl-C); resumable.' },
  terminated: { code: 143, means: 'Terminated (SIGTERM); resumable.' },
  bug: { code: 70, means: 'A bug in track-sync; the run stays resumable.' },
  refused: {
    code: 5,
    means:
      'The key, permission or host was refused (401, 403, 404), a proxy or a certificate blocks the way, or the response is not from Braze; resumable.',
  },
  resume: {
    code: 6,
    means:
      'Resume or undo refused: the input, target or key changed, the run is in use, its journal is damaged, it has no snapshot, or there is nothing to resume.',
  },
  usage: { code: 2, means: 'Wrong usage or settings; nothing was sent.' },
  stopped: {
    code: 3,
    means:
      'Stopped early: the error budget is used up, the host cannot be reached, the disk is full, or the run folder is gone; resumable.',
  },
  unknown: { code: 4, means: 'Some rows are `unknown`, or the journal of the run is damaged.' },
  attention: {
    code: 1,
    means: 'Finished; some rows need attention (`mismatched`, `rejected`, `invalid`, `held`).',
  },
  ok: {
    code: 0,
    means:
      'All rows are `verified`, `unverifiable` or `unchanged`; in an audit of a run, those aside that it did not store.',
  },
} as const

export type Exit = keyof typeof exits

/** The exit that wins among those that apply. */
export function winningExit(applying: ReadonlySet<Exit>): Exit {
  return (Object.keys(exits) as Exit[]).find(exit => applying.has(exit)) ?? 'ok'
}

/** Why a run stops before the end of its input. */
export interface Stop {
  exit: Exclude<Exit, 'ok' | 'attention' | 'unknown' | 'usage' | 'resume'>
  /** One sentence: what happened. */
  message: string
  /** What to do about it; the command to type then resumes the run. */
  next?: string
  /** The flags that a resume needs to get further, by the names of the settings. */
  resumeWith?: Record<string, string>
}

/** The exits of a run that stops early. */
const stopExits: ReadonlySet<unknown> = new Set(['interrupted', 'terminated', 'bug', 'refused', 'stopped'])

/** Why a run was told to stop. An abort without a reason, or with another one, counts as an interruption. */
export function stopOf({ reason }: AbortSignal): Stop {
  const { exit, message } = (reason ?? {}) as Partial<Stop>
  if (stopExits.has(exit) && typeof message === 'string') return reason as Stop
  const isPlain = reason === undefined || (reason instanceof Error && reason.name === 'AbortError')
  return { exit: 'interrupted', message: isPlain ? 'Interrupted.' : `Interrupted: ${String(reason)}.` }
}
