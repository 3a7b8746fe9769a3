import type { Digest } from '../model/digests.ts'

/** Bits for each of those who are expected; with three of them set for each, one in 200 is mistaken for another. */
const bitsEach = 16
const bitsMin = 2 ** 16
/** 64 MB, which are enough for 33 million. */
const bitsMax = 2 ** 29

/** Tells whether somebody was here before, in very little room: whoever was is recognised, and of those who were not a few. */
export class SeenBefore {
  readonly #words: Uint32Array
  readonly #mask: number

  constructor(expected: number) {
    const bits = 2 ** Math.ceil(Math.log2(Math.max(1, expected) * bitsEach))
    const kept = Math.min(bitsMax, Math.max(bitsMin, bits))
    this.#words = new Uint32Array(kept / 32)
    this.#mask = kept - 1
  }

  /** Adds somebody; returns whether they were here before. */
  add({ high, low }: Digest): boolean {
    let known = true
    for (let i = 0; i < 3; i++) {
      const bit = (low + Math.imul(i, high | 1)) & this.#mask
      const [word, flag] = [bit >>> 5, 1 << (bit & 31)]
      const before = this.#words[word] ?? 0
      if ((before & flag) === 0) known = false
      this.#words[word] = before | flag
    }
    return known
  }
}
