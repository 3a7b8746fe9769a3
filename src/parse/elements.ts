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

/** A stretch of brackets, commas and space outside of elements, with the line it ends on; or an element that is over. */
export type Piece = { between: Units; line: number } | { element: Element }

const BACKSLASH = 92
const keptOfTooLarge = 4096
/** Most names and values are shorter than this. */
const shortString = 32

/** What a unit outside of strings is for. Everything else is part of a bare value, a number or a word. */
const [SPACE, OPEN, CLOSE, COMMA, STRING] = [1, 2, 3, 4, 5]
const roles = new Uint8Array(65_536)
for (const unit of [0x20, 0x09, LF, CR]) roles[unit] = SPACE
for (const unit of [0x7b, 0x5b]) roles[unit] = OPEN
for (const unit of [0x7d, 0x5d]) roles[unit] = CLOSE
roles[0x2c] = COMMA
roles[QUOTE] = STRING

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
  /** The last unit of the chunk before. */
  #last = 0
  #open: Open | undefined

  /** An element may have `max` units. `before` is what lies in front of the first unit that will come. */
  constructor(max: number, before = 0) {
    this.#max = max
    this.#before = before
  }

  /** The element still open at the end, if any. */
  end(): Element | undefined {
    return this.#open === undefined ? undefined : this.#close()
  }

  /** The chunk in pieces, one behind the other. An element comes when it is over. */
  pieces(chunk: Units): Piece[] {
    const pieces: Piece[] = []
    let from = 0
    const upTo = (end: number) => {
      const units = chunk.subarray(from, end)
      from = end
      return units
    }
    const over = (end: number) => pieces.push({ element: this.#close(upTo(end)) })
    for (let at = 0; at < chunk.length; at++) {
      if (this.#inString) {
        at = this.#endOfString(chunk, at)
        if (at >= chunk.length) break
        this.#inString = false
        if (this.#isOver()) over(at + 1)
        continue
      }
      const unit = chunk[at] ?? 0
      const role = roles[unit] ?? 0
      // Most of what is outside of strings is a digit or a letter inside of an element, and tells nothing.
      if (role === 0 && this.#open !== undefined) continue
      if (unit <= CR) this.#countLine(chunk, at)
      // A bare value ends with what stands behind it.
      if (role !== 0 && this.#isOver()) over(at)
      if (role === SPACE) continue
      if (!this.#begun && this.#begin(unit)) continue
      if (this.#open === undefined && role !== COMMA && role !== CLOSE && this.#isOutside()) {
        if (at > from) pieces.push({ between: upTo(at), line: this.line })
        this.#open = { line: this.line, at: this.#before + at, kept: [], units: 0 }
      }
      if (role === STRING) this.#inString = true
      else if (role === OPEN) this.#depth++
      else if (role === CLOSE) {
        this.#depth--
        if (this.#isOver()) over(at + 1)
      }
    }
    this.#before += chunk.length
    this.#last = chunk.at(-1) ?? this.#last
    const rest = upTo(chunk.length)
    if (this.#open !== undefined) this.#keep(this.#open, rest)
    // What lies in front of the first element says nothing yet, not even whether there is an array.
    else if (rest.length > 0 && this.#begun) pieces.push({ between: rest, line: this.line })
    return pieces
  }

  /** The first character of the file: whether it opens an array. */
  #begin(unit: number): boolean {
    this.#begun = true
    this.inArray = unit === 0x5b
    if (this.inArray) this.#depth = 1
    return this.inArray
  }

  /** A line ends at LF, CR or CRLF. */
  #countLine(chunk: Units, at: number): void {
    const before = at > 0 ? chunk[at - 1] : this.#last
    if (chunk[at] === CR || (chunk[at] === LF && before !== CR)) this.line++
  }

  /** Where the quotation mark stands that closes the string; behind the chunk where that is not in it. */
  #endOfString(chunk: Units, from: number): number {
    const near = Math.min(chunk.length, from + shortString)
    let escaped = this.#escaped
    let at = from
    for (; at < near; at++) {
      const unit = chunk[at] ?? 0
      if (unit <= CR) this.#countLine(chunk, at)
      if (escaped) escaped = false
      else if (unit === QUOTE) break
      else if (unit === BACKSLASH) escaped = true
    }
    this.#escaped = at < near ? false : escaped
    return at < near || near === chunk.length ? at : this.#endOfLongString(chunk, at)
  }

  /** The same for the rest of a long one: a search that is native costs a call, and nothing a unit. */
  #endOfLongString(chunk: Units, from: number): number {
    let at = this.#escaped ? from + 1 : from
    for (let start = at; ; start = at + 1) {
      const quote = chunk.indexOf(QUOTE, start)
      at = quote < 0 ? chunk.length : quote
      let backslashes = 0
      while (at - backslashes > start && chunk[at - backslashes - 1] === BACKSLASH) backslashes++
      this.#escaped = backslashes % 2 === 1
      if (quote < 0 || !this.#escaped) break
    }
    if (at < chunk.length) this.#escaped = false
    const passed = chunk.subarray(from, at)
    if (passed.includes(LF) || passed.includes(CR)) for (let i = from; i < at; i++) this.#countLine(chunk, i)
    return at
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

  /** `last` is what of it lies in this chunk. */
  #close(last?: Units): Element {
    const open = this.#open ?? { line: this.line, at: this.#before, kept: [], units: 0 }
    this.#open = undefined
    const { line, at } = open
    // Most lie in one chunk whole.
    if (last !== undefined && open.units === 0 && last.length <= this.#max) {
      return { raw: last, line, at, isTooLarge: false }
    }
    if (last !== undefined) this.#keep(open, last)
    const { kept } = open
    return { raw: joined(kept), line, at, isTooLarge: open.units > this.#max }
  }
}
