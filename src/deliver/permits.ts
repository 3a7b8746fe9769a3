import Bottleneck from 'bottleneck'

/**
 * Hands out permits to start, evenly spaced. Bottleneck does nothing else here: its retries, reservoir and job
 * limits would let requests past the rate.
 */
export function createPermits(spacingMs: number): () => Promise<void> {
  const limiter = new Bottleneck({ minTime: spacingMs, maxConcurrent: 1 })
  return async () => {
    await limiter.schedule(async () => {})
  }
}
