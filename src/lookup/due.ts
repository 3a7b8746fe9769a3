/** One that is due at some moment; of two at one moment, the one that came first is first. */
interface Entry<T> {
  item: T
  at: number
  order: number
}

/** What is due at which moment, as a binary heap. An item is in it once. */
export class DueQueue<T> {
  readonly #heap: Entry<T>[] = []
  readonly #places = new Map<T, number>()
  #added = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the next item is due; null while there is none. */
  get nextAt(): number | null {
    return this.#heap[0]?.at ?? null
  }

  /** An item that is here moves to the new moment. */
  add(item: T, at: number): void {
    this.remove(item)
    const entry = { item, at, order: this.#added++ }
    this.#put(entry, this.#heap.length)
    this.#rise(entry)
  }

  /** Takes everything that is due by now, in the order in which it became due. */
  takeDue(now: number): T[] {
    const due: T[] = []
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      due.push(first.item)
      this.remove(first.item)
    }
    return due
  }

  /** Whether it was here. */
  remove(item: T): boolean {
    const place = this.#places.get(item)
    const last = this.#heap.at(-1)
    if (place === undefined || last === undefined) return false
    this.#heap.pop()
    this.#places.delete(item)
    if (last.item !== item) {
      this.#put(last, place)
      this.#rise(last)
      this.#sink(last)
    }
    return true
  }

  #rise(entry: Entry<T>): void {
    for (let place = this.#placeOf(entry); place > 0; ) {
      const above = (place - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || isBefore(parent, entry)) return
      this.#put(parent, place)
      this.#put(entry, above)
      place = above
    }
  }

  #sink(entry: Entry<T>): void {
    for (let place = this.#placeOf(entry); ; ) {
      const left = this.#heap[2 * place + 1]
      const right = this.#heap[2 * place + 2]
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (below === undefined || isBefore(entry, below)) return
      const next = this.#placeOf(below)
      this.#put(below, place)
      this.#put(entry, next)
      place = next
    }
  }

  #put(entry: Entry<T>, place: number): void {
    this.#heap[place] = entry
    this.#places.set(entry.item, place)
  }

  #placeOf({ item }: Entry<T>): number {
    return this.#places.get(item) ?? 0
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/**
 * When to look after an acceptance, in milliseconds. A write normally shows after 10 to 100 ms, yet Braze advises five
 * minutes between calls that depend on each other. Source: braze-docs api_limits.
 */
export const lookDelays: readonly number[] = [2000, 10_000, 30_000, 120_000, 300_000]

/**
 * When to look next at what was accepted at `since`; null once a look at its settle time has been made. Where that is far
 * away, each look after the last delay comes twice as late as the one before.
 */
export function nextLookAt(since: number, now: number, settleMs: number): number | null {
  if (now >= since + settleMs) return null
  for (const delay of lookDelays) {
    if (delay >= settleMs) break
    if (since + delay > now) return since + delay
  }
  let delay = (lookDelays.at(-1) ?? settleMs) * 2
  while (delay < settleMs && since + delay <= now) delay *= 2
  return since + Math.min(delay, settleMs)
}
