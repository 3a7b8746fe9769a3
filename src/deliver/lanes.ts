import { Ready } from './ready.ts'
import { group, type Task } from './task.ts'

/** Everything here of what may be one person: the tasks that share an identifier, directly or through others. */
interface Lane {
  keys: Set<string>
  /** In input order. */
  waiting: Task[]
  taken: Set<Task>
}

/**
 * Who may go next. Tasks of one person that write the same go one at a time, in the order they came. Among all that may
 * go, the one that came first goes first, so that a user with many rows never waits behind the rows of everyone else.
 * Identifiers that meet in a task share a lane for as long as anything of either is here; then the lane is forgotten.
 */
export class Lanes {
  readonly #byKey = new Map<string, Lane>()
  /** Every task that is here, in input order; riders too, though they stand in their lane no more. */
  readonly #lanes = new Map<Task, Lane>()
  readonly #ready = new Ready()
  #bytes = 0

  /** Tasks that are here: waiting, or under way. */
  get size(): number {
    return this.#lanes.size
  }

  /** What their original records take. */
  get bytes(): number {
    return this.#bytes
  }

  /** The oldest task that is here, free or not. */
  get oldest(): Task | undefined {
    return this.#lanes.keys().next().value
  }

  /** The oldest task that may go. */
  peek(): Task | undefined {
    return this.#ready.peek()
  }

  add(task: Task): void {
    this.#bytes += task.object.raw.length
    const lane = this.#laneOf(task)
    this.#lanes.set(task, lane)
    lane.waiting.push(task)
    // It is the last of its lane: it frees nobody, and may be free itself. Most are alone.
    const isAlone = lane.waiting.length === 1 && lane.taken.size === 0
    if (isAlone || freeIn(lane).includes(task)) this.#ready.add(task)
  }

  /** Takes the oldest task that may go. What it writes is its own until it is done. */
  take(): Task | undefined {
    const task = this.#ready.shift()
    const lane = task === undefined ? undefined : this.#lanes.get(task)
    if (task === undefined || lane === undefined) return undefined
    lane.waiting.splice(lane.waiting.indexOf(task), 1)
    lane.taken.add(task)
    return task
  }

  /** Lets the tasks that follow in the lane of a taken one ride with it, up to the first that does not fit. */
  board(task: Task, fits: (next: Task) => boolean): void {
    const lane = this.#lanes.get(task)
    if (lane === undefined) return
    const { waiting, taken } = lane
    for (;;) {
      const at = waiting.findIndex(({ object }) => object.seq > task.object.seq)
      const next = at < 0 ? undefined : waiting[at]
      const others = [...[...taken].filter(one => one !== task), ...waiting.slice(0, at)]
      if (next === undefined || others.some(one => overlap(one, next)) || !fits(next)) return
      waiting.splice(at, 1)
      this.#ready.drop(one => one === next)
      task.riders.push(next)
      if (task.claims.length > 0) task.claims = next.what.length === 0 ? [] : [...task.claims, ...next.what]
    }
  }

  /** Lets a task that was taken go once more; what it writes is still its own. */
  again(task: Task): void {
    const lane = this.#lanes.get(task)
    if (lane === undefined || !lane.taken.delete(task)) return
    insert(lane.waiting, task)
    this.#release(lane)
  }

  /** Lets a task and those that rode with it go once more, each by itself. */
  part(task: Task): void {
    const lane = this.#lanes.get(task)
    for (const one of group(task)) one.alone = true
    if (lane !== undefined) for (const rider of task.riders) insert(lane.waiting, rider)
    task.riders = []
    task.claims = task.what
    this.again(task)
  }

  /** Frees what a task that has ended, and those that rode with it, kept to themselves. */
  done(task: Task): void {
    const lane = this.#lanes.get(task)
    if (lane === undefined) return
    lane.taken.delete(task)
    for (const one of group(task)) {
      this.#lanes.delete(one)
      this.#bytes -= one.object.raw.length
    }
    if (lane.waiting.length > 0) return this.#release(lane)
    if (lane.taken.size === 0) for (const key of lane.keys) this.#byKey.delete(key)
  }

  /** Empties all lanes and hands over what waited in them, oldest first. What was taken stays with who took it. */
  clear(): Task[] {
    const lanes = new Set(this.#lanes.values())
    const waiting = [...lanes].flatMap(lane => lane.waiting)
    this.#byKey.clear()
    this.#lanes.clear()
    this.#ready.clear()
    this.#bytes = 0
    return waiting.toSorted(byAge)
  }

  #laneOf({ who }: Task): Lane {
    const [only = ''] = who
    const known = who.length === 1 ? this.#byKey.get(only) : undefined
    if (known !== undefined) return known
    const lanes = new Set(who.flatMap(key => this.#byKey.get(key) ?? []))
    const [first, ...others] = [...lanes].toSorted((a, b) => b.waiting.length - a.waiting.length)
    const lane = first ?? { keys: new Set(), waiting: [], taken: new Set() }
    for (const other of others) this.#merge(other, lane)
    for (const key of who) {
      lane.keys.add(key)
      this.#byKey.set(key, lane)
    }
    return lane
  }

  /** Two lanes turn out to be of one person. What is in flight in both cannot be called back; what waits goes in order. */
  #merge(from: Lane, into: Lane): void {
    if (from.taken.size > 0)
      for (const task of [...from.taken, ...into.taken]) task.overlapped = into.taken.size > 0
    for (const key of from.keys) {
      into.keys.add(key)
      this.#byKey.set(key, into)
    }
    for (const task of from.taken) into.taken.add(task)
    for (const one of [...from.taken, ...from.waiting])
      for (const task of group(one)) this.#lanes.set(task, into)
    into.waiting = [...into.waiting, ...from.waiting].toSorted(byAge)
    const bound = new Set(into.waiting)
    for (const task of freeIn(into)) bound.delete(task)
    this.#ready.drop(task => bound.has(task))
    this.#release(into)
  }

  #release(lane: Lane): void {
    for (const task of freeIn(lane)) this.#ready.add(task)
  }
}

/** The waiting tasks of a lane that overlap with nothing under way and with nothing that waits longer. */
function freeIn({ waiting, taken }: Lane): Task[] {
  const free: Task[] = []
  const claimed = new Set<string>()
  for (const { claims } of taken) {
    if (claims.length === 0) return free
    for (const name of claims) claimed.add(name)
  }
  for (const task of waiting) {
    const { claims } = task
    if (claims.length === 0) return taken.size === 0 && task === waiting[0] ? [task] : free
    if (!claims.some(name => claimed.has(name))) free.push(task)
    for (const name of claims) claimed.add(name)
  }
  return free
}

function overlap({ claims: a }: Task, { claims: b }: Task): boolean {
  return a.length === 0 || b.length === 0 || a.some(name => b.includes(name))
}

function insert(waiting: Task[], task: Task): void {
  const at = waiting.findIndex(({ object }) => object.seq > task.object.seq)
  waiting.splice(at < 0 ? waiting.length : at, 0, task)
}

function byAge(a: Task, b: Task): number {
  return a.object.seq - b.object.seq
}
