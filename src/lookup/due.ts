/** One that is due at some moment; of two at one moment, the one that came first is first. */
interface Entry<T> {
  item: T
  at: number
  order: number
  /** Where in the heap it is. */
  place: number
}

/** What is due at which moment, as a binary heap. An item is in it once. */
export class DueQueue<T> {
  readonly #heap: Entry<T>[] = []
  readonly #entries = new Map<T, Entry<T>>()
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
    const entry = { item, at, order: this.#added++, place: this.#heap.length }
    this.#entries.set(item, entry)
    this.#heap.push(entry)
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
    const entry = this.#entries.get(item)
    if (entry === undefined) return false
    this.#entries.delete(item)
    const last = this.#heap.pop()
    if (last !== undefined && last !== entry) {
      this.#put(last, entry.place)
      this.#rise(last)
      this.#sink(last)
    }
    return true
  }

  #rise(entry: Entry<T>): void {
    while (entry.place > 0) {
      const above = this.#heap[(entry.place - 1) >> 1]
      if (above === undefined || isBefore(above, entry)) return
      this.#swap(above, entry)
    }
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1]
      const right = this.#heap[2 * entry.place + 2]
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (below === undefined || isBefore(entry, below)) return
      this.#swap(entry, below)
    }
  }

  #swap(a: Entry<T>, b: Entry<T>): void {
    const { place } = a
    this.#put(a, b.place)
    this.#put(b, place)
  }

  #put(entry: Entry<T>, place: number): void {
    this.#heap[place] = entry
    entry.place = place
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
