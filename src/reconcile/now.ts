/** How far the API's clock may be from ours when a time in the future was replaced by now. */
const clockSkewMs = 5 * 60_000

/** Whether a moment is the one at which the answer came. */
export function isNow(ms: number, at: number): boolean {
  return Math.abs(ms - at) <= clockSkewMs
}
