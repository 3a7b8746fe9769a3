import Bottleneck from 'bottleneck'
import type { Rate } from '../model/exchange.ts'

/**
 * Hands out permits to start, evenly spaced. Bottleneck does nothing else here: its retries, reservoir and job
 * limits would let requests past the rate. With no rate it is out of the path.
 */
export function createPermits(rate: Rate): () => Promise<void> {
  if (rate === 'off') return async () => {}
  const limiter = new Bottleneck({ minTime: spacingOf(rate), maxConcurrent: 1 })
  return async () => {
    await limiter.schedule(async () => {})
  }
}

/** The even spacing that a rate asks for, a hair wide, so that jitter on the way never makes a full window fuller. */
export function spacingOf({ requests, windowMs }: Exclude<Rate, 'off'>): number {
  return (windowMs / requests) * 1.0025
}
