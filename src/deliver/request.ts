import type { Endpoint } from '../braze/endpoints.ts'
import type { Exchange } from '../model/exchange.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { Claim } from './claim.ts'
import { coalesced } from './coalesce.ts'
import { type Task, totalsOf } from './task.ts'

/**
 * What leaves together, and where it goes: one object, or several that a policy let join. Each object has a result of its
 * own.
 */
export class Request implements Claim {
  readonly endpoint: Endpoint
  readonly #own: Task
  #joined: readonly Request[] = []
  #tasks: readonly [Task, ...Task[]]
  #objects: [TrackObject, ...TrackObject[]]
  #what: string[]
  /** Backoffs so far, each longer than the one before. */
  backoffs = 0
  /** The last exchange, where it left the objects in doubt: it is their end if no other attempt follows. */
  lastDoubt: Exchange | null = null
  /** Another request of the same person was under way beside it. */
  overlapped = false

  constructor(task: Task, endpoint: Endpoint) {
    this.endpoint = endpoint
    this.#own = task
    this.#tasks = [task]
    this.#objects = [task.object]
    this.#what = task.claim.what
  }

  /** In input order. The first gives the request its place. */
  get tasks(): readonly [Task, ...Task[]] {
    return this.#tasks
  }

  /** The requests that became part of this one. */
  get joined(): readonly Request[] {
    return this.#joined
  }

  get seq(): number {
    return this.#own.object.seq
  }

  get who(): string[] {
    return this.#own.claim.who
  }

  /** What all its objects write. Empty: everything of the person. */
  get what(): string[] {
    return this.#what
  }

  get objects(): [TrackObject, ...TrackObject[]] {
    return this.#objects
  }

  /** What is asked for, as one object. */
  get asked(): TrackObject {
    return coalesced(this.objects)
  }

  /** What the original records take. */
  get bytes(): number {
    return this.#joined.reduce((sum, { bytes }) => sum + bytes, this.#own.object.raw.length)
  }

  /** Requests of this process that carried it; what leaves together has left together before. */
  get attempts(): number {
    return this.#own.attempts
  }

  /** Requests of all processes, and those that leave it in doubt. */
  get totals(): { attempts: number; doubts: number } {
    return totalsOf(this.#own)
  }

  /** Never sent before, in this process or another, and not known to spoil a request for others. */
  get isFresh(): boolean {
    return !this.#own.alone && this.#own.attempts === 0 && this.totals.doubts === 0
  }

  /** Takes another request along. */
  join(other: Request): void {
    this.#joined = [...this.#joined, other]
    this.#tasks = [...this.#tasks, ...other.#tasks]
    this.#objects = [...this.#objects, ...other.#objects]
    if (this.#what.length > 0) this.#what = other.#what.length === 0 ? [] : [...this.#what, ...other.#what]
  }

  /** Each object leaves by itself from now on. Returns the requests that had joined. */
  part(): readonly Request[] {
    for (const task of this.#tasks) task.alone = true
    const joined = this.#joined
    this.#joined = []
    this.#tasks = [this.#own]
    this.#objects = [this.#own.object]
    this.#what = this.#own.claim.what
    return joined
  }

  countAttempt(): void {
    for (const task of this.#tasks) task.attempts++
  }

  /** The attempt may have been applied although no response says so. */
  countDoubt(): void {
    for (const task of this.#tasks) task.doubts++
  }

  /** It is certain that no attempt so far was applied. */
  forgetDoubts(): void {
    for (const task of this.#tasks) {
      task.doubts = 0
      task.earlier = { ...task.earlier, doubts: 0 }
    }
  }

  body(form: 'array' | 'object'): string {
    const { kind, body } = this.asked
    return JSON.stringify({ [kind ?? '']: form === 'array' ? [body] : body })
  }
}
