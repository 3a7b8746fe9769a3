import type { Exchange } from '../model/exchange.ts'
import type { TrackObject } from '../model/track-object.ts'

/** A track object on its way, with what happened to it so far. */
export interface Task {
  object: TrackObject
  /** What may not overlap with anything of the same name. */
  lanes: string[]
  attempts: number
  /** Requests that left without an answer that tells what became of them. */
  doubts: number
  /** The last exchange, where it left the object in doubt and may still turn out to be its end. */
  untold: Exchange | null
}

/**
 * Who may go next. The tasks of a lane go one at a time, in the order they came. Among all that may go, the one that
 * came first goes first, so that a user with many rows never waits behind the rows of everyone else.
 */
export class Lanes {
  readonly #queues = new Map<string, Task[]>()
  /** Latest first, so that the oldest is popped. */
  readonly #ready: Task[] = []
  readonly #taken = new Set<Task>()
  #size = 0
  #bytes = 0

  /** Tasks that are here: waiting, or under way. */
  get size(): number {
    return this.#size
  }

  /** What their original records take. */
  get bytes(): number {
    return this.#bytes
  }

  /** The oldest task that may go. */
  peek(): Task | undefined {
    return this.#ready.at(-1)
  }

  add(task: Task): void {
    this.#size++
    this.#bytes += task.object.raw.length
    for (const lane of task.lanes) {
      const queue = this.#queues.get(lane)
      if (queue === undefined) this.#queues.set(lane, [task])
      else queue.push(task)
    }
    if (this.#isFirst(task)) this.again(task)
  }

  /** Takes the oldest task that may go. Its lanes are its own until it is done. */
  take(): Task | undefined {
    const task = this.#ready.pop()
    if (task !== undefined) this.#taken.add(task)
    return task
  }

  /** Lets a task that was taken go once more; its lanes are still its own. */
  again(task: Task): void {
    this.#taken.delete(task)
    let low = 0
    let high = this.#ready.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ready[middle]?.object.seq ?? 0) > task.object.seq) low = middle + 1
      else high = middle
    }
    this.#ready.splice(low, 0, task)
  }

  /** Frees the lanes of a task that has ended. */
  done(task: Task): void {
    this.#size--
    this.#bytes -= task.object.raw.length
    this.#taken.delete(task)
    for (const lane of task.lanes) {
      const queue = this.#queues.get(lane) ?? []
      queue.shift()
      if (queue.length === 0) this.#queues.delete(lane)
    }
    const heads = new Set(task.lanes.flatMap(lane => this.#queues.get(lane)?.[0] ?? []))
    for (const head of heads) if (this.#isFirst(head)) this.again(head)
  }

  /** Empties all lanes and hands over what waited in them, oldest first. What was taken stays with who took it. */
  clear(): Task[] {
    const tasks = new Set([...this.#queues.values()].flat().filter(task => !this.#taken.has(task)))
    this.#queues.clear()
    this.#ready.length = 0
    this.#size = 0
    this.#bytes = 0
    return [...tasks].toSorted((a, b) => a.object.seq - b.object.seq)
  }

  #isFirst(task: Task): boolean {
    return task.lanes.every(lane => this.#queues.get(lane)?.[0] === task)
  }
}
