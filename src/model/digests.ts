import { hash } from 'node:crypto'

/** The maximum number of slots, and how full the table may be; beyond that nothing is added. */
const slotsOfAll = 2 ** 23
const fullest = 0.75

/** A digest of eight bytes. */
export interface Digest {
  high: number
  low: number
}

/** A digest in place of a text, to save memory. */
export function digestOf(text: string): Digest {
  const hex = hash('sha1', text)
  const [high, low] = [Number.parseInt(hex.slice(0, 8), 16), Number.parseInt(hex.slice(8, 16), 16)]
  return high === 0 && low === 0 ? { high: 0, low: 1 } : { high, low }
}

/** A map from digests to eight bytes, sixteen bytes per entry, so that millions fit; entries beyond that are dropped. */
export class Digests {
  #cells = new Uint32Array(4 * 64)
  #size = 0
  readonly #slotsMax: number

  constructor(slotsMax: number = slotsOfAll) {
    this.#slotsMax = slotsMax
  }

  get size(): number {
    return this.#size
  }

  get(key: Digest): Digest | undefined {
    const at = this.#find(key)
    if (this.#isFree(at)) return undefined
    return { high: this.#cells[at + 2] ?? 0, low: this.#cells[at + 3] ?? 0 }
  }

  /** An existing entry can always be changed. False if there is no room for a new one. */
  set(key: Digest, value: Digest): boolean {
    let at = this.#find(key)
    if (this.#isFree(at)) {
      if (this.#size >= (this.#cells.length / 4) * fullest) {
        if (this.#cells.length / 4 >= this.#slotsMax) return false
        this.#grow()
        at = this.#find(key)
      }
      this.#size++
    }
    this.#cells.set([key.high, key.low, value.high, value.low], at)
    return true
  }

  /** Where the entry is, or would be. */
  #find({ high, low }: Digest): number {
    const slots = this.#cells.length / 4
    for (let slot = low & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const at = slot * 4
      if (this.#isFree(at) || (this.#cells[at] === high && this.#cells[at + 1] === low)) return at
    }
  }

  /** No digest is all zeros: that marks a free slot. */
  #isFree(at: number): boolean {
    return this.#cells[at] === 0 && this.#cells[at + 1] === 0
  }

  #grow(): void {
    const old = this.#cells
    this.#cells = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 4) {
      const [high = 0, low = 0] = old.subarray(at, at + 2)
      if (high !== 0 || low !== 0) this.#cells.set(old.subarray(at, at + 4), this.#find({ high, low }))
    }
  }
}
