import type { Clock } from '../../src/model/clock.ts'

interface Sleeper {
  at: number
  wake: () => void
}

/** More than any work here needs; whoever sleeps more often goes round in circles. */
const wakesMax = 20_000_000

/** A clock that only moves when everybody sleeps: an hour passes in as long as its events take. */
export class SimulatedClock implements Clock {
  #now: number
  /** Latest first, so that the next one is popped; of two at one moment, the one that came first wakes first. */
  readonly #sleepers: Sleeper[] = []

  constructor(startsAt = Date.parse('2024-05-06T07:08:09.000Z')) {
    this.#now = startsAt
  }

  readonly now = (): number => this.#now

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (signal?.aborted === true) return resolve()
      const wake = () => {
        signal?.removeEventListener('abort', stopSleeping)
        resolve()
      }
      const sleeper = { at: this.#now + Math.max(0, ms), wake }
      const stopSleeping = () => {
        const index = this.#sleepers.indexOf(sleeper)
        if (index >= 0) this.#sleepers.splice(index, 1)
        wake()
      }
      this.#add(sleeper)
      signal?.addEventListener('abort', stopSleeping)
    })

  /** Calls something at a moment so many milliseconds from now. */
  after(ms: number, call: () => void): void {
    this.#add({ at: this.#now + ms, wake: call })
  }

  /**
   * Lets the time pass, event by event, until the work is done. Work that nothing will ever wake is an error, and so is
   * work without an end: it is told by how often it sleeps, not by how long this machine takes for it.
   */
  async finish<Result>(work: Promise<Result>): Promise<Result> {
    let over = false
    const watched = work.finally(() => {
      over = true
    })
    watched.catch(() => {})
    let wakes = 0
    for (await turn(); !over; await turn()) {
      if (++wakes > wakesMax) throw new Error('Time goes on and on, and the work does not end.')
      if (!this.#wakeNext()) throw new Error('Everybody waits, and nobody will wake them.')
    }
    return await watched
  }

  /** Lets so much time pass, event by event. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await turn()
    while ((this.#sleepers.at(-1)?.at ?? Number.POSITIVE_INFINITY) <= until) {
      this.#wakeNext()
      await turn()
    }
    this.#now = until
  }

  #add(sleeper: Sleeper): void {
    let index = this.#sleepers.length
    while (index > 0 && (this.#sleepers[index - 1]?.at ?? 0) <= sleeper.at) index--
    this.#sleepers.splice(index, 0, sleeper)
  }

  #wakeNext(): boolean {
    const sleeper = this.#sleepers.pop()
    if (sleeper === undefined) return false
    this.#now = Math.max(this.#now, sleeper.at)
    sleeper.wake()
    return true
  }
}

/** Everything that can go on without time passing goes on. */
export function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
