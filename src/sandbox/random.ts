/** Randomness that can be had again: the same seed and place give the same number. */

/** The number (0 to 1) at a place of the mulberry32 sequence of a seed; the sequence can be entered anywhere. */
export function draw(seed: number, place: number): number {
  let mixed = (seed + Math.imul(place + 1, 0x6d2b79f5)) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Milliseconds an answer takes: always the same, or log-normal with this median and this 95th percentile. */
export type Latency = number | { p50: number; p95: number }

/** A sequence of its own, so that faults do not change when a latency is set. */
const latencySeed = 0x9e3779b9
/** How many standard deviations the 95th percentile lies above the median. */
const deviations95 = 1.6449

export function latencyOf(latency: Latency, seed: number, call: number): number {
  if (typeof latency === 'number') return latency
  const { p50, p95 } = latency
  if (p50 <= 0) return 0
  const place = 2 * call
  // Box and Muller; 1 - x keeps the logarithm away from zero.
  const radius = Math.sqrt(-2 * Math.log(1 - draw(seed ^ latencySeed, place)))
  const normal = radius * Math.cos(2 * Math.PI * draw(seed ^ latencySeed, place + 1))
  return p50 * Math.exp((normal * Math.log(p95 / p50)) / deviations95)
}
