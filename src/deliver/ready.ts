import type { Task } from './task.ts'

/**
 * The tasks that may go, in input order. What comes is nearly always the newest, and what leaves always the oldest, so
 * both ends are cheap however long it is.
 */
export class Ready {
  #tasks: Task[] = []
  /** Where the oldest stands; what was before it has left. */
  #head = 0

  peek(): Task | undefined {
    return this.#tasks[this.#head]
  }

  shift(): Task | undefined {
    const task = this.#tasks[this.#head]
    if (task === undefined) return undefined
    this.#head++
    if (this.#head >= 1024 && this.#head * 2 >= this.#tasks.length) this.#trim()
    return task
  }

  /** Into its place, unless it is there. */
  add(task: Task): void {
    const tasks = this.#tasks
    const { seq } = task.object
    let low = this.#head
    let high = tasks.length
    if (high === low || (tasks[high - 1]?.object.seq ?? 0) < seq) low = high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((tasks[middle]?.object.seq ?? 0) < seq) low = middle + 1
      else high = middle
    }
    if (tasks[low] === task) return
    if (low === this.#head && low > 0) tasks[--this.#head] = task
    else tasks.splice(low, 0, task)
  }

  /** Takes out what may not go any more. */
  drop(isBound: (task: Task) => boolean): void {
    this.#trim()
    this.#tasks = this.#tasks.filter(task => !isBound(task))
  }

  clear(): void {
    this.#tasks = []
    this.#head = 0
  }

  #trim(): void {
    this.#tasks = this.#tasks.slice(this.#head)
    this.#head = 0
  }
}
