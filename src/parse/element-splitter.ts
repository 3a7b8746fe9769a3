import { concat, copy, CR, LF, QUOTE, type Units } from './units.ts'

/** One element of a JSON array, or one of several concatenated documents. */
export interface JsonElement {
  raw: Units
  /** The line and the code unit at which it starts. */
  line: number
  offset: number
  /** Set if the element exceeds the limit; `raw` is then only its beginning. */
  isTooLarge: boolean
}

/** An element whose end has not been found yet. */
interface OpenElement {
  line: number
  offset: number
  parts: Units[]
  units: number
}

/** Text between elements, with the line it ends on; or a complete element. */
export type Piece = { gap: Units; line: number } | { element: JsonElement }

const BACKSLASH = 92
const oversizedUnitsKept = 4096
/** Most keys and strings are shorter than this. */
const shortUnits = 32

/** The role of a code unit outside of strings. All others belong to numbers and literals. */
const [SPACE, OPEN, CLOSE, COMMA, STRING] = [1, 2, 3, 4, 5]
const roles = new Uint8Array(65_536)
for (const unit of [0x20, 0x09, LF, CR]) roles[unit] = SPACE
for (const unit of [0x7b, 0x5b]) roles[unit] = OPEN
for (const unit of [0x7d, 0x5d]) roles[unit] = CLOSE
roles[0x2c] = COMMA
roles[QUOTE] = STRING

/**
 * Splits JSON into elements by counting brackets outside of strings. It leaves validation to the parser; its job is to
 * locate elements and to bound memory.
 */
export class ElementSplitter {
  line = 1
  /** Whether the file is one array, known from its first character. Its elements are then nested one level deep. */
  isArray = false
  readonly #maxUnits: number
  /** How many brackets are open between elements. */
  #outer: number
  #offset: number
  #hasStarted = false
  #depth = 0
  #inString = false
  #isEscaped = false
  /** The last code unit of the previous chunk. */
  #lastUnit = 0
  #open: OpenElement | undefined

  /**
   * `maxUnits` limits the size of an element; `offset` is the position of the first code unit that will be pushed. With
   * `inList`, the elements are those of the lists in an object.
   */
  constructor(maxUnits: number, offset = 0, inList = false) {
    this.#maxUnits = maxUnits
    this.#offset = offset
    this.#outer = inList ? 2 : 0
  }

  /** The unfinished element at the end of the file, if there is one. */
  end(): JsonElement | undefined {
    return this.#open === undefined ? undefined : this.#finish()
  }

  /** Splits a chunk into pieces. An element is returned once it is complete. */
  push(chunk: Units): Piece[] {
    const pieces: Piece[] = []
    let start = 0
    const takeUntil = (end: number) => {
      const units = chunk.subarray(start, end)
      start = end
      return units
    }
    const finishAt = (end: number) => pieces.push({ element: this.#finish(takeUntil(end)) })
    for (let at = 0; at < chunk.length; at++) {
      if (this.#inString) {
        at = this.#endOfString(chunk, at)
        if (at >= chunk.length) break
        this.#inString = false
        if (this.#isComplete()) finishAt(at + 1)
        continue
      }
      const unit = chunk[at] ?? 0
      const role = roles[unit] ?? 0
      // Most code units outside of strings are digits or letters within an element, and change nothing.
      if (role === 0 && this.#open !== undefined) continue
      if (unit <= CR) this.#countLine(chunk, at)
      // A number or literal ends with whatever follows it.
      if (role !== 0 && this.#isComplete()) finishAt(at)
      if (role === SPACE) continue
      if (!this.#hasStarted && this.#start(unit)) continue
      if (this.#open === undefined && role !== COMMA && role !== CLOSE && this.#isBetweenElements()) {
        if (at > start) pieces.push({ gap: takeUntil(at), line: this.line })
        this.#open = { line: this.line, offset: this.#offset + at, parts: [], units: 0 }
      }
      if (role === STRING) this.#inString = true
      else if (role === OPEN) this.#depth++
      else if (role === CLOSE) {
        this.#depth--
        if (this.#isComplete()) finishAt(at + 1)
      }
    }
    this.#offset += chunk.length
    this.#lastUnit = chunk.at(-1) ?? this.#lastUnit
    const rest = takeUntil(chunk.length)
    if (this.#open !== undefined) this.#append(this.#open, rest)
    // Before the first element it is not even known whether the file is an array.
    else if (rest.length > 0 && this.#hasStarted) pieces.push({ gap: rest, line: this.line })
    return pieces
  }

  /** Handles the first character of the file; returns whether it opens the array. */
  #start(unit: number): boolean {
    this.#hasStarted = true
    this.isArray = unit === 0x5b
    if (this.isArray) this.#depth = this.#outer = 1
    return this.isArray
  }

  /** A line ends at LF, CR or CRLF. */
  #countLine(chunk: Units, at: number): void {
    const previous = at > 0 ? chunk[at - 1] : this.#lastUnit
    if (chunk[at] === CR || (chunk[at] === LF && previous !== CR)) this.line++
  }

  /** The position of the closing quote, or the end of the chunk if it is not in there. */
  #endOfString(chunk: Units, from: number): number {
    const shortEnd = Math.min(chunk.length, from + shortUnits)
    let escaped = this.#isEscaped
    let at = from
    for (; at < shortEnd; at++) {
      const unit = chunk[at] ?? 0
      if (unit <= CR) this.#countLine(chunk, at)
      if (escaped) escaped = false
      else if (unit === QUOTE) break
      else if (unit === BACKSLASH) escaped = true
    }
    this.#isEscaped = at < shortEnd ? false : escaped
    return at < shortEnd || shortEnd === chunk.length ? at : this.#endOfLongString(chunk, at)
  }

  /** The same for long strings: a native search has a fixed cost, but then takes next to nothing per character. */
  #endOfLongString(chunk: Units, from: number): number {
    let at = this.#isEscaped ? from + 1 : from
    for (let start = at; ; start = at + 1) {
      const quote = chunk.indexOf(QUOTE, start)
      at = quote < 0 ? chunk.length : quote
      let backslashes = 0
      while (at - backslashes > start && chunk[at - backslashes - 1] === BACKSLASH) backslashes++
      this.#isEscaped = backslashes % 2 === 1
      if (quote < 0 || !this.#isEscaped) break
    }
    if (at < chunk.length) this.#isEscaped = false
    const passed = chunk.subarray(from, at)
    if (passed.includes(LF) || passed.includes(CR)) for (let i = from; i < at; i++) this.#countLine(chunk, i)
    return at
  }

  #isBetweenElements(): boolean {
    return this.#depth === this.#outer
  }

  #isComplete(): boolean {
    return this.#open !== undefined && this.#isBetweenElements()
  }

  #append(open: OpenElement, units: Units): void {
    const wasTooLarge = open.units > this.#maxUnits
    open.units += units.length
    if (open.units <= this.#maxUnits) open.parts.push(copy(units))
    else if (!wasTooLarge) open.parts = [copy(concat([...open.parts, units]).subarray(0, oversizedUnitsKept))]
  }

  /** `last` is the part of the element in this chunk. */
  #finish(last?: Units): JsonElement {
    const open = this.#open ?? { line: this.line, offset: this.#offset, parts: [], units: 0 }
    this.#open = undefined
    const { line, offset } = open
    // Most elements lie within one chunk.
    if (last !== undefined && open.units === 0 && last.length <= this.#maxUnits) {
      return { raw: last, line, offset, isTooLarge: false }
    }
    if (last !== undefined) this.#append(open, last)
    const { parts } = open
    return { raw: concat(parts), line, offset, isTooLarge: open.units > this.#maxUnits }
  }
}
