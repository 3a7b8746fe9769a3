import { endpoints } from '../braze/endpoints.ts'
import type { TrackObject } from '../model/track-object.ts'
import { claimOf } from './claim.ts'
import type { Delivery } from './delivery.ts'
import type { Endings } from './endings.ts'
import type { Lanes } from './lanes.ts'
import { Request } from './request.ts'
import { type Earlier, newTask } from './task.ts'

/** Lets loops wait until something has changed. They look before they wait, so nothing is missed. */
export class Signal {
  #waiting: (() => void)[] = []

  raise(): void {
    if (this.#waiting.length === 0) return
    for (const wake of this.#waiting.splice(0)) wake()
  }

  raised(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}

/** Original records held at most, in bytes. */
const bytesMax = 64 * 1024 * 1024
/** The reader may be this many times the read-ahead in front of the oldest object that has not ended. */
const span = 20

/** Reads objects into the lanes, as far ahead as it may; after a stop, to the end of the input. */
export class ReadAhead {
  isReading = true
  /** Objects that a stop kept from coming to their end. */
  leftBehind = 0
  readonly #delivery: Delivery
  readonly #lanes: Lanes
  readonly #endings: Endings
  readonly #changed: Signal
  readonly #settledUp = new Signal()
  #isSettledUp = false
  #oldest = 0

  constructor(delivery: Delivery, lanes: Lanes, endings: Endings, changed: Signal) {
    this.#delivery = delivery
    this.#lanes = lanes
    this.#endings = endings
    this.#changed = changed
  }

  async read(objects: AsyncIterable<TrackObject[]>): Promise<void> {
    const { stop, earlier, read, order, endpoint = endpoints.trackSync } = this.#delivery
    try {
      for await (const batch of objects) {
        for (const object of batch) {
          if (this.isFull(object.seq)) await this.#untilRoom(object.seq)
          const before = earlier(object.seq)
          read?.(object)
          if (stop.signal.aborted) await this.#leaveBehind(object, before)
          else this.#lanes.add(new Request(newTask(object, claimOf(object, order), before), endpoint))
        }
        this.#changed.raise()
      }
    } finally {
      this.isReading = false
      this.#changed.raise()
    }
  }

  /** However large the records are, however many wait behind one that takes long, and however long that takes. */
  isFull(seq = 0): boolean {
    const { size, bytes } = this.#lanes
    return size >= this.#delivery.readAhead || bytes >= bytesMax || this.#isFarAhead(seq)
  }

  /** All that waited has got its end; what is still to be read may follow. */
  settledUp(): void {
    this.#isSettledUp = true
    this.#settledUp.raise()
  }

  async #untilRoom(seq: number): Promise<void> {
    while (this.isFull(seq) && !this.#delivery.stop.signal.aborted) {
      this.#changed.raise()
      await this.#changed.raised()
    }
  }

  /** After a stop the input ends in order too, or the journal's reader would have to hold all that is left of it. */
  async #leaveBehind(object: TrackObject, before: Earlier | undefined): Promise<void> {
    this.leftBehind++
    if (!this.#isSettledUp) await this.#settledUp.raised()
    this.#endings.notSent(object, before)
  }

  /** The oldest that is here is at least as old as it was when somebody last looked. */
  #isFarAhead(seq: number): boolean {
    const most = this.#delivery.readAhead * span
    if (seq - this.#oldest < most) return false
    this.#oldest = this.#lanes.oldest?.object.seq ?? seq
    return seq - this.#oldest >= most
  }
}
