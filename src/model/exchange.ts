/** A response as received: status, lower-case headers, body as text. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** False if the body is incomplete or unusable: `cut` says why. */
  complete: boolean
  /** Why the body is incomplete: the connection broke, it is too large, it cannot be decompressed. */
  cut?: string
}

/** Why there is no response. `sent` says whether any byte of the request may have been sent. */
export interface Lost {
  sent: boolean
  /** The network's own code, or one of ours: `ECONNREFUSED`, `DEADLINE`, …; `networkCauses` says what they mean. */
  reason: string
}

/** One request and its response, or why there is none. */
export interface Exchange {
  result: { answer: Answer } | { lost: Lost }
  /** Attempts so far, this one included. */
  attempts: number
  /** From the start of the request to the end of the response. */
  durationMs: number
  /** True if this or an earlier attempt may have been applied, and no response says so. */
  inDoubt: boolean
  /** Earlier attempts that may have been applied although their responses were lost; a retry may then have counted twice. */
  doubts?: number
  /** True if another request for the same user was in flight at the same time. */
  overlapped?: boolean
}

/** Sends one request body and reports what happened; it never throws for a failure of the network. */
export type Post = (body: string) => Promise<{ answer: Answer } | { lost: Lost }>

/** Requests allowed in a window of time; `off` for a sandbox or a benchmark. */
export type Rate = { requests: number; windowMs: number } | 'off'

export function perMinute(rate: Rate): number | null {
  return rate === 'off' ? null : (rate.requests * 60_000) / rate.windowMs
}
