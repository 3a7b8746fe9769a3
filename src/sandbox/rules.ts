import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import type { Kind } from '../model/kind.ts'

/** The type that an attribute is forced to in the dashboard. */
export type Pinned = 'boolean' | 'number' | 'string' | 'array' | 'time'

/** The configuration of a workspace, and the readings of unclear documentation. */
export interface SandboxRules {
  /** The only valid key. Default: any. */
  key?: string
  /** Readings that differ from the defaults. */
  readings?: Partial<Readings>
  /** Attributes with a forced type: a value is coerced if possible, or else ignored. */
  pinned?: Record<string, Pinned>
  /** Names that are neither stored nor echoed. */
  blocked?: Partial<Record<Kind, readonly string[]>>
}

/** The rules with all defaults filled in. */
export interface Rules {
  key: string | null
  readings: Readings
  pinned: ReadonlyMap<string, Pinned>
  blocked: Record<Kind, ReadonlySet<string>>
}

export function rulesOf({ key, readings, pinned, blocked }: SandboxRules): Rules {
  return {
    key: key ?? null,
    readings: { ...defaultReadings, ...readings },
    pinned: new Map(Object.entries(pinned ?? {})),
    blocked: {
      attributes: new Set(blocked?.attributes),
      events: new Set(blocked?.events),
      purchases: new Set(blocked?.purchases),
    },
  }
}
