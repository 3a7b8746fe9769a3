/** One element of a JSON array, or one document among several: its bytes and the line it begins on. */
export interface Element {
  raw: Buffer
  line: number
}

const LF = 10
const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const OPEN = new Set([0x7b, 0x5b])
const CLOSE = new Set([0x7d, 0x5d])
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])
const ENDS_BARE = new Set([...SPACE, ...OPEN, ...CLOSE, COMMA, QUOTE])

/**
 * Finds where elements begin and end by counting brackets outside of strings. It checks nothing: that is the parser's
 * work. What it adds is the line.
 */
export class ElementFinder {
  line = 1
  /** Whether the file is one array; its elements then lie one bracket deep. Known from its first character. */
  inArray = false
  #begun = false
  #depth = 0
  #inString = false
  #escaped = false
  #startLine = 0
  #kept: Uint8Array[] = []
  #open = false

  /** The element still open at the end, if any. */
  end(): Element | undefined {
    return this.#open ? this.#close(new Uint8Array()) : undefined
  }

  /** The chunk in pieces, each ending where an element ends. */
  *pieces(chunk: Uint8Array): Generator<{ bytes: Uint8Array; element?: Element }> {
    let from = 0
    let elementFrom = 0
    const upTo = (end: number, elementEnd = end) => {
      const piece = {
        bytes: chunk.subarray(from, end),
        element: this.#close(chunk.subarray(elementFrom, elementEnd)),
      }
      from = end
      return piece
    }
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (byte === LF) this.line++
      if (this.#inString) {
        this.#inString = this.#escaped || byte !== QUOTE
        this.#escaped = !this.#escaped && byte === BACKSLASH
        if (!this.#inString && this.#open && this.#isOutside()) yield upTo(at + 1)
        continue
      }
      // A bare value (a number, a word) ends only with what stands behind it: the parser needs that to hand it over.
      if (this.#open && this.#isOutside() && ENDS_BARE.has(byte)) yield upTo(at + 1, at)
      if (SPACE.has(byte)) continue
      if (!this.#begun) {
        this.#begun = true
        this.inArray = byte === 0x5b
        if (this.inArray) {
          this.#depth = 1
          continue
        }
      }
      if (this.#isOutside() && !this.#open && byte !== COMMA && !CLOSE.has(byte)) {
        this.#open = true
        this.#startLine = this.line
        elementFrom = at
      }
      this.#inString = byte === QUOTE
      if (OPEN.has(byte)) this.#depth++
      if (!CLOSE.has(byte)) continue
      this.#depth--
      if (this.#open && this.#isOutside()) yield upTo(at + 1)
    }
    if (this.#open) this.#kept.push(chunk.subarray(elementFrom))
    // What lies in front of the first element says nothing yet, not even whether there is an array.
    if (from < chunk.length && this.#begun) yield { bytes: chunk.subarray(from) }
  }

  #isOutside(): boolean {
    return this.#depth === (this.inArray ? 1 : 0)
  }

  #close(last: Uint8Array): Element {
    const raw = Buffer.concat([...this.#kept, last])
    this.#kept = []
    this.#open = false
    return { raw, line: this.#startLine }
  }
}
