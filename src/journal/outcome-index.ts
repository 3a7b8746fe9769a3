import { type Outcome, outcomeNames } from '../model/outcome.ts'
import { TrackSyncError } from '../model/problem.ts'

/** How each object ended last, and in which leg of the run. Two bytes each, for runs of any size. */
export class OutcomeIndex {
  #words = new Uint16Array(1024)
  /** One more than the highest number that has ended. */
  length = 0

  set(seq: number, outcome: Outcome, leg: number): void {
    if (leg > legMax) {
      throw new TrackSyncError('run_unreadable', `The run was resumed more than ${legMax} times.`)
    }
    if (seq >= this.#words.length) {
      const wider = new Uint16Array(Math.max(seq + 1, this.#words.length * 2))
      wider.set(this.#words)
      this.#words = wider
    }
    this.#words[seq] = (leg << outcomeBits) | (outcomeNames.indexOf(outcome) + 1)
    this.length = Math.max(this.length, seq + 1)
  }

  /** Undefined where the journal does not mention the object. */
  outcome(seq: number): Outcome | undefined {
    return outcomeNames[((this.#words[seq] ?? 0) & outcomeMask) - 1]
  }

  leg(seq: number): number {
    return (this.#words[seq] ?? 0) >> outcomeBits
  }
}

const outcomeBits = 4
const outcomeMask = (1 << outcomeBits) - 1
const legMax = (1 << (16 - outcomeBits)) - 1
