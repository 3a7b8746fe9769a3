import type { TrackObject } from '../model/track-object.ts'
import type { Claim } from './claim.ts'

/** A track object on its way, and what was done for it so far. */
export interface Task {
  object: TrackObject
  claim: Claim
  /** It once left together with others and was refused; from then on it leaves by itself. */
  alone: boolean
  /** Requests of this process that carried it. */
  attempts: number
  /** Those of them that may have been applied although no response says so. */
  doubts: number
  /** The same of the processes before. */
  earlier: Earlier
}

/** Requests for an object, and those of them that may have been applied although no response says so. */
export interface Earlier {
  attempts: number
  doubts: number
}

const nothing: Earlier = { attempts: 0, doubts: 0 }

export function newTask(object: TrackObject, claim: Claim, earlier: Earlier = nothing): Task {
  return { object, claim, alone: false, attempts: 0, doubts: 0, earlier }
}

/** What this process and those before it did for an object. */
export function totalsOf({ attempts, doubts, earlier }: Task): Earlier {
  return { attempts: earlier.attempts + attempts, doubts: earlier.doubts + doubts }
}
