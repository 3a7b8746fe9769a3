/** How many hashes are kept at least, once there are more than can be. */
const keptMin = 8192
/** All hashes are below this. */
const hashSpace = 2 ** 53

/**
 * Counts distinct hashes in constant memory: exactly up to 16,384, beyond that by how densely the smallest ones lie
 * (bottom-k sampling). The standard error is then at most 1.1 %: two estimates in three are closer, and one in a thousand
 * is off by 3.6 %.
 */
export class Distinct {
  readonly #hashes = new Set<number>()
  /** All hashes below this are kept. */
  #limit = hashSpace

  /** A hash of `hashOf` or `mixed`. */
  add(hash: number): void {
    if (hash >= this.#limit) return
    this.#hashes.add(hash)
    if (this.#hashes.size > 2 * keptMin) this.#keepSmallest()
  }

  /** Whether nothing had to be left out so far. */
  get isExact(): boolean {
    return this.#limit === hashSpace
  }

  get count(): number {
    return this.isExact ? this.#hashes.size : Math.round((this.#hashes.size / this.#limit) * hashSpace)
  }

  #keepSmallest(): void {
    const sorted = Float64Array.from(this.#hashes).toSorted()
    this.#limit = sorted[keptMin] ?? hashSpace
    for (const hash of sorted.subarray(keptMin)) this.#hashes.delete(hash)
  }
}

/** A hash of 53 bits, the same on any machine (cyrb53, public domain). */
export function hashOf(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 2_654_435_761)
    low = Math.imul(low ^ unit, 1_597_334_677)
  }
  return finished(high, low)
}

/** The hash of a text together with a number. */
export function mixed(hash: number, number: number): number {
  const high = Math.imul((hash / lowSpace) ^ number, 2_654_435_761)
  return finished(high, Math.imul((hash % lowSpace) ^ number, 1_597_334_677))
}

const lowSpace = 2 ** 32

function finished(high: number, low: number): number {
  const top = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  const rest = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(top ^ (top >>> 13), 3_266_489_909)
  return lowSpace * (rest & 0x1fffff) + (top >>> 0)
}
