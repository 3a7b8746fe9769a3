import { copyOf, CR, joined, LF, QUOTE, type Units } from './units.ts'

/** One element of a JSON array, or one document among several, with its place. */
export interface Element {
  raw: Units
  /** The line and the unit on which it begins. */
  line: number
  at: number
  /** Set where it is larger than allowed; then only its beginning is kept. */
  isTooLarge: boolean
}

/** An element that is not over: what is kept of it, and how many units it has so far. */
interface Open {
  line: number
  at: number
  kept: Units[]
  units: number
}

/** A stretch of brackets, commas and space outside of elements, or an element that is over. */
export type Piece = { between: Units } | { element: Element }

const BACKSLASH = 92
const COMMA = 44
const OPEN = new Set([0x7b, 0x5b])
const CLOSE = new Set([0x7d, 0x5d])
const SPACE = new Set([0x20, 0x09, LF, CR])
const ENDS_BARE = new Set([...SPACE, ...OPEN, ...CLOSE, COMMA, QUOTE])
const keptOfTooLarge = 4096

/**
 * Finds where elements begin and end by counting brackets outside of strings. It checks nothing: that is the parser's
 * work. What it adds is the place, and a bound for what is held in memory.
 */
export class ElementFinder {
  line = 1
  /** Whether the file is one array; its elements then lie one bracket deep. Known from its first character. */
  inArray = false
  readonly #max: number
  #before: number
  #begun = false
  #depth = 0
  #inString = false
  #escaped = false
  #afterCr = false
  #open: Open | undefined

  /** An element may have `max` units. `before` is what lies in front of the first unit that will come. */
  constructor(max: number, before = 0) {
    this.#max = max
    this.#before = before
  }

  /** The element still open at the end, if any. */
  end(): Element | undefined {
    return this.#open === undefined ? undefined : this.#close([])
  }

  /** The chunk in pieces, one behind the other. An element comes when it is over. */
  *pieces(chunk: Units): Generator<Piece> {
    let from = 0
    const upTo = (end: number) => {
      const units = chunk.subarray(from, end)
      from = end
      return units
    }
    for (let at = 0; at < chunk.length; at++) {
      const unit = chunk[at] ?? 0
      if ((unit === LF && !this.#afterCr) || unit === CR) this.line++
      this.#afterCr = unit === CR
      if (this.#inString) {
        this.#inString = this.#escaped || unit !== QUOTE
        this.#escaped = !this.#escaped && unit === BACKSLASH
        if (!this.#inString && this.#isOver()) yield { element: this.#close([upTo(at + 1)]) }
        continue
      }
      // A bare value, a number or a word, ends with what stands behind it.
      if (this.#isOver() && ENDS_BARE.has(unit)) yield { element: this.#close([upTo(at)]) }
      if (SPACE.has(unit)) continue
      if (!this.#begun) {
        this.#begun = true
        this.inArray = unit === 0x5b
        if (this.inArray) {
          this.#depth = 1
          continue
        }
      }
      if (this.#open === undefined && this.#isOutside() && unit !== COMMA && !CLOSE.has(unit)) {
        if (at > from) yield { between: upTo(at) }
        this.#open = { line: this.line, at: this.#before + at, kept: [], units: 0 }
      }
      this.#inString = unit === QUOTE
      if (OPEN.has(unit)) this.#depth++
      if (!CLOSE.has(unit)) continue
      this.#depth--
      if (this.#isOver()) yield { element: this.#close([upTo(at + 1)]) }
    }
    this.#before += chunk.length
    const rest = upTo(chunk.length)
    if (this.#open !== undefined) this.#keep(this.#open, rest)
    // What lies in front of the first element says nothing yet, not even whether there is an array.
    else if (rest.length > 0 && this.#begun) yield { between: rest }
  }

  #isOutside(): boolean {
    return this.#depth === (this.inArray ? 1 : 0)
  }

  #isOver(): boolean {
    return this.#open !== undefined && this.#isOutside()
  }

  #keep(open: Open, units: Units): void {
    const wasLarge = open.units > this.#max
    open.units += units.length
    if (open.units <= this.#max) open.kept.push(copyOf(units))
    else if (!wasLarge) open.kept = [copyOf(joined([...open.kept, units]).subarray(0, keptOfTooLarge))]
  }

  #close(last: Units[]): Element {
    const open = this.#open ?? { line: this.line, at: this.#before, kept: [], units: 0 }
    for (const units of last) this.#keep(open, units)
    this.#open = undefined
    const { line, at, kept } = open
    return { raw: joined(kept), line, at, isTooLarge: open.units > this.#max }
  }
}
