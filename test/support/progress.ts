import { Count, type Progress } from '../../src/model/progress.ts'

/** A run under way, as `onProgress` is told of it. */
export function progressOf(more: Partial<Progress> = {}): Progress {
  return { ...new Count(100_000, 0, 0).progress, ...more }
}
