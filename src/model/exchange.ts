/** An answer as it came: status, lower-case headers, body as text. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** False where the body is not whole, or of no use: `cut` says why. */
  complete: boolean
  /** Why the body is not whole: the connection broke, it is too large, nobody can unpack it. */
  cut?: string
}

/** Why there is no answer. `sent` says whether any byte of the request may have left. */
export interface Lost {
  sent: boolean
  /** The network's own code, or one of ours: `ECONNREFUSED`, `DEADLINE`, …; `networkCauses` says what they mean. */
  reason: string
}

/** One request and its answer, or the reason there is none. */
export interface Exchange {
  result: { answer: Answer } | { lost: Lost }
  /** Attempts so far, this one included. */
  attempts: number
  /** From leaving to the end of the answer. */
  durationMs: number
  /** True where this or an earlier attempt may have been applied and no answer says so. */
  inDoubt: boolean
  /** Earlier attempts that may have been applied although no answer came; a repeat may then have counted twice. */
  doubts?: number
  /** True where another request for the same user was under way at the same time. */
  overlapped?: boolean
}

/** Sends one request body and reports what happened; it never throws for a failure of the network. */
export type Post = (body: string) => Promise<{ answer: Answer } | { lost: Lost }>

/** Requests allowed in a window of time; `off` for a sandbox or a benchmark. */
export type Rate = { requests: number; windowMs: number } | 'off'

export function perMinute(rate: Rate): number | null {
  return rate === 'off' ? null : (rate.requests * 60_000) / rate.windowMs
}
