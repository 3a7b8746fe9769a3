/** Every exit code, in the order in which they win when several apply. */
export const exits = {
  interrupted: { code: 130, means: 'Interrupted (Ctrl-C); resumable.' },
  terminated: { code: 143, means: 'Terminated (SIGTERM); resumable.' },
  bug: { code: 70, means: 'A bug of ours; the run stays resumable.' },
  refused: {
    code: 5,
    means:
      'Key, permission or host refused (401, 403, 404), a proxy or a certificate in the way, or what answers is not Braze; resumable.',
  },
  resume: {
    code: 6,
    means:
      'Resume refused: input, target or key changed, the run is in use, its journal is damaged, or there is nothing to resume.',
  },
  usage: { code: 2, means: 'Usage or settings; nothing was sent.' },
  stopped: {
    code: 3,
    means:
      'Stopped early: the error budget, a host that cannot be reached, a disk that is full, a run folder that is gone; resumable.',
  },
  unknown: { code: 4, means: '`unknown` outcomes remain, or the journal of the run is damaged.' },
  attention: {
    code: 1,
    means: 'Finished; some rows need attention (`mismatched`, `rejected`, `invalid`, `held`).',
  },
  ok: { code: 0, means: 'All `verified`, `unverifiable` or `unchanged`.' },
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
  /** What to do about it, in words; the command to type then goes on with the run. */
  next?: string
  /** The flags that a resume needs to get any further, by the names of the settings. */
  resumeWith?: Record<string, string>
}

/** The exits of a run that stops early. */
const stopExits: ReadonlySet<unknown> = new Set(['interrupted', 'terminated', 'bug', 'refused', 'stopped'])

/** Why a run was told to stop. Whoever aborts without a word, or with one of its own, has interrupted it. */
export function stopOf({ reason }: AbortSignal): Stop {
  const { exit, message } = (reason ?? {}) as Partial<Stop>
  if (stopExits.has(exit) && typeof message === 'string') return reason as Stop
  const isPlain = reason === undefined || (reason instanceof Error && reason.name === 'AbortError')
  return { exit: 'interrupted', message: isPlain ? 'Interrupted.' : `Interrupted: ${String(reason)}.` }
}
