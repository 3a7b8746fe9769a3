import type { Exchange } from '../model/exchange.ts'
import type { TrackObject } from '../model/track-object.ts'

/** A track object on its way, with what happened to it so far. */
export interface Task {
  object: TrackObject
  /** Whom it is about: every identifier it names. Tasks that share one are of one person. */
  who: string[]
  /** What it writes; two tasks of one person may overlap only where they write different things. Empty: everything. */
  what: string[]
  /** What it and its riders write. */
  claims: string[]
  /** Tasks whose rows leave in this one's request. */
  riders: Task[]
  /** It once left together with others and was refused; from then on it goes alone. */
  alone: boolean
  /** Requests of this process. */
  attempts: number
  /** Those of them that left without an answer that tells what became of them. */
  doubts: number
  /** Rests before another attempt, each longer than the one before. */
  rests: number
  /** The first two, of the processes before. */
  earlier: Earlier
  /** Another request of the same person was under way beside one of this task. */
  overlapped: boolean
  /** The last exchange, where it left the object in doubt and may still turn out to be its end. */
  untold: Exchange | null
}

/** What was done for an object: requests, and those of them that may have been applied although no answer says so. */
export interface Earlier {
  attempts: number
  doubts: number
}

const nothing: Earlier = { attempts: 0, doubts: 0 }

export function newTask(
  object: TrackObject,
  { who, what }: { who: string[]; what: string[] },
  earlier: Earlier = nothing,
): Task {
  const history = { attempts: 0, doubts: 0, rests: 0, earlier, overlapped: false, untold: null }
  return { object, who, what, claims: what, riders: [], alone: false, ...history }
}

/** The task and those that ride with it, in input order. */
export function group(task: Task): Task[] {
  return [task, ...task.riders]
}

/** The rows that leave in the task's request. */
export function objectsOf(task: Task): TrackObject[] {
  return group(task).map(({ object }) => object)
}

/** What was done for a task, in this process and before. */
export function doneFor(task: Task): Earlier {
  return { attempts: task.earlier.attempts + task.attempts, doubts: doubtsOf(task) }
}

/** Requests for it that may have been applied although no answer says so, in this process or an earlier one. */
export function doubtsOf({ doubts, earlier }: Task): number {
  return doubts + earlier.doubts
}
