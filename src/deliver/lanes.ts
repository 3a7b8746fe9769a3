import { Ready } from './ready.ts'
import type { Request } from './request.ts'
import type { Task } from './task.ts'

/** All requests of what may be one person: those that share an identifier, directly or through others. */
interface Lane {
  keys: Set<string>
  /** In input order. */
  waiting: Request[]
  taken: Set<Request>
}

/**
 * Who may leave next. Requests of one person that write the same leave one at a time, in input order. Among all that may
 * leave, the oldest leaves first, so that a user with many rows never waits behind the rows of everyone else. Identifiers
 * that meet in a row share a lane for as long as anything of either is here; then the lane is forgotten.
 */
export class Lanes {
  readonly #byKey = new Map<string, Lane>()
  /** Every task that is here, in input order, whichever request carries it. */
  readonly #laneOf = new Map<Task, Lane>()
  readonly #ready = new Ready()
  #bytes = 0

  /** Tasks that are here: waiting, or under way. */
  get size(): number {
    return this.#laneOf.size
  }

  /** What their original records take. */
  get bytes(): number {
    return this.#bytes
  }

  /** The oldest task that is here, free or not. */
  get oldest(): Task | undefined {
    return this.#laneOf.keys().next().value
  }

  /** The oldest request that may leave. */
  peek(): Request | undefined {
    return this.#ready.peek()
  }

  add(request: Request): void {
    this.#bytes += request.bytes
    const lane = this.#findLane(request)
    for (const task of request.tasks) this.#laneOf.set(task, lane)
    lane.waiting.push(request)
    // It is the last of its lane: it frees nobody, and may be free itself. Most are alone.
    const isAlone = lane.waiting.length === 1 && lane.taken.size === 0
    if (isAlone || freeIn(lane).includes(request)) this.#ready.add(request)
  }

  /** Takes the oldest request that may leave. What it writes is its own until it is done. */
  take(): Request | undefined {
    const request = this.#ready.shift()
    const lane = request === undefined ? undefined : this.#laneOf.get(request.tasks[0])
    if (request === undefined || lane === undefined) return undefined
    lane.waiting.splice(lane.waiting.indexOf(request), 1)
    lane.taken.add(request)
    return request
  }

  /** Lets those that follow a taken request in its lane join it, up to the first that may not. */
  joinNext(request: Request, mayJoin: (next: Request) => boolean): void {
    const lane = this.#laneOf.get(request.tasks[0])
    if (lane === undefined) return
    const { waiting, taken } = lane
    for (;;) {
      const at = waiting.findIndex(({ seq }) => seq > request.seq)
      const next = at < 0 ? undefined : waiting[at]
      const others = [...[...taken].filter(one => one !== request), ...waiting.slice(0, at)]
      if (next === undefined || others.some(one => overlap(one, next)) || !mayJoin(next)) return
      waiting.splice(at, 1)
      this.#ready.drop(one => one === next)
      request.join(next)
    }
  }

  /** Lets a taken request leave again; what it writes is still its own. */
  again(request: Request): void {
    const lane = this.#laneOf.get(request.tasks[0])
    if (lane === undefined || !lane.taken.delete(request)) return
    insert(lane.waiting, request)
    this.#release(lane)
  }

  /** Lets every object of a taken request leave again, each by itself. */
  part(request: Request): void {
    const lane = this.#laneOf.get(request.tasks[0])
    const others = request.part()
    if (lane !== undefined) for (const other of others) insert(lane.waiting, other)
    this.again(request)
  }

  /** Frees what a request that has ended kept to itself. */
  done(request: Request): void {
    const lane = this.#laneOf.get(request.tasks[0])
    if (lane === undefined) return
    lane.taken.delete(request)
    this.#bytes -= request.bytes
    for (const task of request.tasks) this.#laneOf.delete(task)
    if (lane.waiting.length > 0) return this.#release(lane)
    if (lane.taken.size === 0) for (const key of lane.keys) this.#byKey.delete(key)
  }

  /** Empties all lanes and returns what waited in them, oldest first. Whoever took a request keeps it. */
  clear(): Request[] {
    const lanes = new Set(this.#laneOf.values())
    const waiting = [...lanes].flatMap(lane => lane.waiting)
    this.#byKey.clear()
    this.#laneOf.clear()
    this.#ready.clear()
    this.#bytes = 0
    return waiting.toSorted(byAge)
  }

  #findLane({ who }: Request): Lane {
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

  /** Two lanes turn out to be of one person. What is in flight in both cannot be called back; what waits leaves in order. */
  #merge(from: Lane, into: Lane): void {
    if (from.taken.size > 0)
      for (const request of [...from.taken, ...into.taken]) request.overlapped = into.taken.size > 0
    for (const key of from.keys) {
      into.keys.add(key)
      this.#byKey.set(key, into)
    }
    for (const request of from.taken) into.taken.add(request)
    for (const { tasks } of [...from.taken, ...from.waiting])
      for (const task of tasks) this.#laneOf.set(task, into)
    into.waiting = [...into.waiting, ...from.waiting].toSorted(byAge)
    const bound = new Set(into.waiting)
    for (const request of freeIn(into)) bound.delete(request)
    this.#ready.drop(request => bound.has(request))
    this.#release(into)
  }

  #release(lane: Lane): void {
    for (const request of freeIn(lane)) this.#ready.add(request)
  }
}

/** The waiting requests of a lane that overlap with nothing under way and with nothing older that waits. */
function freeIn({ waiting, taken }: Lane): Request[] {
  const free: Request[] = []
  const claimed = new Set<string>()
  for (const { what } of taken) {
    if (what.length === 0) return free
    for (const name of what) claimed.add(name)
  }
  for (const request of waiting) {
    const { what } = request
    if (what.length === 0) return taken.size === 0 && request === waiting[0] ? [request] : free
    if (!what.some(name => claimed.has(name))) free.push(request)
    for (const name of what) claimed.add(name)
  }
  return free
}

function overlap({ what: a }: Request, { what: b }: Request): boolean {
  return a.length === 0 || b.length === 0 || a.some(name => b.includes(name))
}

function insert(waiting: Request[], request: Request): void {
  const at = waiting.findIndex(({ seq }) => seq > request.seq)
  waiting.splice(at < 0 ? waiting.length : at, 0, request)
}

function byAge(a: Request, b: Request): number {
  return a.seq - b.seq
}
