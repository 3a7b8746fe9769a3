import type { RunFacts } from '../../model/run-facts.ts'
import { slicesMax, type Timeline } from '../../model/timeline.ts'

/** The unit of the time axis. */
export interface Unit {
  name: 'seconds' | 'minutes' | 'hours'
  ms: number
}

export function unitOf(ms: number): Unit {
  if (ms <= 120_000) return { name: 'seconds', ms: 1000 }
  return ms <= 7_200_000 ? { name: 'minutes', ms: 60_000 } : { name: 'hours', ms: 3_600_000 }
}

/** Merges the counts of slices into at most `most` wider ones, each with its start and end in milliseconds. */
export function columns(
  counts: readonly number[],
  { activeMs, timeline }: RunFacts,
  most: number = slicesMax,
): { from: number; to: number; count: number }[] {
  const { sliceMs } = timeline
  const slices = slicesOf(activeMs, timeline)
  const each = Math.ceil(slices / most)
  // The rest after the last complete slice may be too short to matter; it is merged with the one before.
  const sliver = activeMs % (each * sliceMs) < (each * sliceMs) / 2 ? 1 : 0
  const length = Math.max(1, Math.ceil(slices / each) - sliver)
  return Array.from({ length }, (_, i) => {
    const isLast = i === length - 1
    const count = counts
      .slice(i * each, isLast ? undefined : (i + 1) * each)
      .reduce((sum, one) => sum + one, 0)
    return { from: i * each * sliceMs, to: isLast ? activeMs : (i + 1) * each * sliceMs, count }
  })
}

/** How many slices a run has, including those after its last request. */
export function slicesOf(activeMs: number, { sliceMs, sent }: Timeline): number {
  return Math.max(1, sent.length, Math.ceil(activeMs / sliceMs))
}
