import type { Place } from '../model/problem.ts'
import { rowLabel } from '../model/track-object.ts'
import type { Claim } from './claim.ts'

/** A row that others wait for, or whose request may still take effect. */
export type Cause = Place & { part: number }

/**
 * What later rows of a lane have to wait for: objects that did not end well. They are remembered for the whole run, long
 * after the lane itself is forgotten; the error budget bounds their number.
 */
export class Blocked {
  readonly #causes = new Map<string, { all: Cause | null; values: Map<string, Cause> }>()

  add({ who, what }: Claim, cause: Cause): void {
    for (const key of who) {
      const held = this.#causes.get(key) ?? { all: null, values: new Map<string, Cause>() }
      this.#causes.set(key, held)
      if (what.length === 0) held.all ??= cause
      for (const name of what) if (!held.values.has(name)) held.values.set(name, cause)
    }
  }

  /** The row that blocks a claim, if any. */
  causeOf({ who, what }: Claim): Cause | undefined {
    if (this.#causes.size === 0) return undefined
    for (const key of who) {
      const held = this.#causes.get(key)
      if (held === undefined) continue
      const names = what.length === 0 ? [...held.values.keys()] : what
      const cause = held.all ?? names.map(name => held.values.get(name)).find(found => found !== undefined)
      if (cause !== undefined) return cause
    }
    return undefined
  }
}

export function sayBlocked(cause: Cause): string {
  return `waits for row ${rowLabel(cause)} of ${cause.file}, which is not settled`
}
