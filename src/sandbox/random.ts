/**
 * A random number (0 to 1) by its index in the mulberry32 sequence of a seed; always the same for the same arguments.
 */
export function draw(seed: number, index: number): number {
  let hash = (seed + Math.imul(index + 1, 0x6d2b79f5)) | 0
  hash = Math.imul(hash ^ (hash >>> 15), hash | 1)
  hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61)
  return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32
}

/** The latency of responses in milliseconds: constant, or log-normal with this median and 95th percentile. */
export type Latency = number | { p50: number; p95: number }

/** Draws from a separate sequence, so that changing the latency does not change the faults. */
const latencySeed = 0x9e3779b9
/** Standard deviations between the median and the 95th percentile. */
const deviations95 = 1.6449

export function latencyOf(latency: Latency, seed: number, call: number): number {
  if (typeof latency === 'number') return latency
  const { p50, p95 } = latency
  if (p50 <= 0) return 0
  const index = 2 * call
  // Box-Muller transform; 1 - x avoids the logarithm of zero.
  const radius = Math.sqrt(-2 * Math.log(1 - draw(seed ^ latencySeed, index)))
  const normal = radius * Math.cos(2 * Math.PI * draw(seed ^ latencySeed, index + 1))
  return p50 * Math.exp((normal * Math.log(p95 / p50)) / deviations95)
}
