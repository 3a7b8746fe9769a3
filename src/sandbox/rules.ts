import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import type { Kind } from '../model/kind.ts'

/** The type that a dashboard forces an attribute to. */
export type Pinned = 'boolean' | 'number' | 'string' | 'array' | 'time'

/** What a workspace has set up, and how the unclear pages are to be read. */
export interface SandboxRules {
  /** The only key that is good. Default: any. */
  key?: string
  /** Other readings than the defaults of the table `readings`. */
  readings?: Partial<Readings>
  /** Attributes whose type is forced: a value is coerced where possible, else ignored. */
  pinned?: Record<string, Pinned>
  /** Names that are neither processed nor echoed. */
  blocked?: Partial<Record<Kind, readonly string[]>>
}

/** The same with nothing left open. */
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
