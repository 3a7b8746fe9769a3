import { type Digest, digestOf, Digests } from '../model/digests.ts'

/**
 * The last number by its name, for as many names as there is room; the names that were not set for longest are
 * forgotten. Only digests of the names are kept, outside of the heap, so that what is kept of a large run does not slow
 * it down.
 */
export class Numbers {
  /** Names set of late, and those set before them: where the first has its half, the second is forgotten. */
  #late = new Digests()
  #before = new Digests()
  readonly #half: number

  constructor(max: number) {
    this.#half = Math.ceil(max / 2)
  }

  get(name: string): number | undefined {
    const key = digestOf(name)
    const found = this.#late.get(key) ?? this.#before.get(key)
    const number = found === undefined ? Number.NaN : numberOf(found)
    return Number.isNaN(number) ? undefined : number
  }

  set(name: string, number: number): void {
    const key = digestOf(name)
    if (this.#late.size >= this.#half && this.#late.get(key) === undefined) {
      this.#before = this.#late
      this.#late = new Digests()
    }
    this.#late.set(key, bitsOf(number))
  }

  forget(name: string): void {
    const key = digestOf(name)
    for (const some of [this.#late, this.#before])
      if (some.get(key) !== undefined) some.set(key, bitsOf(Number.NaN))
  }
}

const number = new Float64Array(1)
const bits = new Uint32Array(number.buffer)

function bitsOf(value: number): Digest {
  number[0] = value
  return { high: bits[0] ?? 0, low: bits[1] ?? 0 }
}

function numberOf({ high, low }: Digest): number {
  bits[0] = high
  bits[1] = low
  return number[0] ?? Number.NaN
}
