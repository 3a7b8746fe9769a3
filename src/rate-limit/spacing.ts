import Bottleneck from 'bottleneck'
import type { Clock } from '../model/clock.ts'
import type { Rate } from '../model/exchange.ts'
import { systemClock } from './system-clock.ts'

/** Resolves when a request may leave, or when the signal says that none will. */
export type Permit = (signal: AbortSignal) => Promise<void> | undefined

/**
 * Hands out permits, evenly spaced. Bottleneck does nothing else here: its retries, reservoir and job limits would let
 * requests past the rate. With no rate it is out of the path. So it is with a clock other than the machine's, because it
 * asks the machine for the time, as every well-kept limiter does that we found; its own path is tested with timers that
 * a test moves on.
 */
export function createSpacing(rate: Rate, clock: Clock = systemClock): Permit {
  if (rate === 'off') return atOnce
  if (clock !== systemClock) return spacedBy(clock, spacingOf(rate))
  const limiter = new Bottleneck({ minTime: spacingOf(rate), maxConcurrent: 1 })
  // At ten an hour a permit takes minutes; its timer would keep a stopped process alive.
  const drop = () => void limiter.stop({ dropWaitingJobs: true })
  return async signal => {
    if (signal.aborted) return
    signal.addEventListener('abort', drop)
    try {
      await limiter.schedule(async () => {})
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', drop)
    }
  }
}

/** No promise is made for what need not be waited for. */
const atOnce: Permit = () => undefined

function spacedBy({ now, sleep }: Clock, spacingMs: number): Permit {
  let nextAt = Number.NEGATIVE_INFINITY
  return async signal => {
    const at = Math.max(now(), nextAt)
    nextAt = at + spacingMs
    await sleep(at - now(), signal)
  }
}

/** The even spacing that a rate asks for, a hair wide, so that jitter on the way never makes a full window fuller. */
export function spacingOf({ requests, windowMs }: Exclude<Rate, 'off'>): number {
  return (windowMs / requests) * 1.0025
}
