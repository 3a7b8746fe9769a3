/** Exponential back-off with full jitter: 1 s, 2 s, 4 s … at most 60 s, each drawn from zero to that. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** (attempt - 1)) * random())
}
