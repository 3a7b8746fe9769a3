/**
 * Cuts bytes into records and knows the exact physical line and bytes of each. The parsers behind it get whole
 * records only, so one broken quotation mark costs the line it stands on and never the rows after it.
 */
export interface Slice {
  raw: Buffer
  /** 1-based physical line on which the record begins. */
  line: number
  /** Set where the record is broken; `at` is the line of the quotation mark that is to blame. */
  broken?: { as: 'open_quote' | 'stray_quote' | 'too_large'; at: number }
}

const LF = 10
const CR = 13
const QUOTE = 34
/** A record may be this large; the API takes no request over 4 MB. */
export const recordBytesMax = 16 * 1024 * 1024
const keptOfTooLarge = 4096

type Scan = { end: number; next: number; quoteAt?: number; broken?: 'open_quote' | 'stray_quote' } | 'more'

export class Splitter {
  /** The byte between cells; undefined for formats where a line is a record and quotation marks mean nothing. */
  readonly #delimiter: number | undefined
  readonly #bytesMax: number
  #rest: Buffer = Buffer.alloc(0)
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #line = 1
  #dropping = false

  constructor(delimiter?: string, bytesMax = recordBytesMax) {
    this.#delimiter = delimiter?.charCodeAt(0)
    this.#bytesMax = bytesMax
  }

  /** The records that the bytes so far complete. */
  push(chunk: Uint8Array): Slice[] {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    // An unfinished record is looked at again only when as much again has come: a long one costs no more than it is long.
    if (this.#waitingBytes < this.#rest.length && this.#rest.length <= this.#bytesMax) return []
    return this.#cut(false)
  }

  /** The records left at the end of the bytes. */
  end(): Slice[] {
    return this.#cut(true)
  }

  #cut(final: boolean): Slice[] {
    const bytes = Buffer.concat([this.#rest, ...this.#waiting])
    this.#waiting = []
    this.#waitingBytes = 0
    const slices: Slice[] = []
    let at = this.#dropping ? this.#afterLine(bytes, 0) : 0
    let quote = this.#delimiter === undefined ? -1 : bytes.indexOf(QUOTE, at)
    while (at < bytes.length) {
      if (quote >= 0 && quote < at) quote = bytes.indexOf(QUOTE, at)
      const found = this.#scan(bytes, at, quote, final)
      if (found === 'more') break
      const { end, next } = found
      const raw = bytes.subarray(at, end > at && bytes[end - 1] === CR ? end - 1 : end)
      if (raw.length > this.#bytesMax) {
        slices.push(this.#tooLarge(raw))
      } else if (found.broken !== undefined) {
        const quoteLine = this.#line + countLines(bytes, at, found.quoteAt ?? at)
        slices.push({ raw, line: this.#line, broken: { as: found.broken, at: quoteLine } })
      } else if (raw.length > 0) {
        slices.push({ raw, line: this.#line })
      }
      this.#line += found.quoteAt === undefined ? 1 : countLines(bytes, at, next)
      at = next
    }
    this.#rest = bytes.subarray(at)
    // Two bytes more may be the CR of a record that just fits, and the byte that says whether it is one.
    if (this.#rest.length > this.#bytesMax + 2) slices.push(this.#dropRest())
    return slices
  }

  /** `quote` is where the next quotation mark stands, -1 for nowhere: most lines have none and are done at once. */
  #scan(bytes: Buffer, start: number, quote: number, final: boolean): Scan {
    const lineEnd = bytes.indexOf(LF, start)
    if (this.#delimiter === undefined || quote < 0 || (lineEnd >= 0 && quote > lineEnd)) {
      if (lineEnd >= 0) return { end: lineEnd, next: lineEnd + 1 }
      return final ? { end: bytes.length, next: bytes.length } : 'more'
    }
    return this.#scanQuoted(bytes, start, final, this.#delimiter)
  }

  /** A record with quotation marks in its first line: cell by cell. */
  #scanQuoted(bytes: Buffer, start: number, final: boolean, delimiter: number): Scan {
    const brokenAt = (quoteAt: number, broken: 'open_quote' | 'stray_quote'): Scan => {
      const lineEnd = bytes.indexOf(LF, quoteAt)
      if (lineEnd < 0 && !final) return 'more'
      const end = lineEnd < 0 ? bytes.length : lineEnd
      return { end, next: Math.min(end + 1, bytes.length), quoteAt, broken }
    }
    let at = start
    for (;;) {
      const cell = at
      if (bytes[at] === QUOTE) {
        const close = closingQuote(bytes, at + 1, final)
        if (close === 'more' && !final && bytes.length - start <= this.#bytesMax + 1) return 'more'
        if (close === 'more' || close - start > this.#bytesMax) return brokenAt(cell, 'open_quote')
        at = close + 1
        const after = bytes[at] === CR ? bytes[at + 1] : bytes[at]
        if (after === undefined && !final) return 'more'
        if (after !== undefined && after !== LF && bytes[at] !== delimiter)
          return brokenAt(cell, 'stray_quote')
        if (bytes[at] === CR) at++
      } else {
        while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF) {
          if (bytes[at] === QUOTE) return brokenAt(at, 'stray_quote')
          at++
        }
        if (at === bytes.length && !final) return 'more'
      }
      if (at >= bytes.length) return { end: bytes.length, next: bytes.length, quoteAt: start }
      if (bytes[at] === LF) return { end: at, next: at + 1, quoteAt: start }
      at++
    }
  }

  #tooLarge(raw: Buffer): Slice {
    const kept = Buffer.from(raw.subarray(0, Math.min(keptOfTooLarge, this.#bytesMax)))
    return { raw: kept, line: this.#line, broken: { as: 'too_large', at: this.#line } }
  }

  #dropRest(): Slice {
    const slice = this.#tooLarge(this.#rest)
    this.#line += countLines(this.#rest, 0, this.#rest.length)
    this.#rest = Buffer.alloc(0)
    this.#dropping = true
    return slice
  }

  #afterLine(bytes: Buffer, from: number): number {
    const lineEnd = bytes.indexOf(LF, from)
    if (lineEnd < 0) return bytes.length
    this.#dropping = false
    this.#line++
    return lineEnd + 1
  }
}

/** Where the quoted cell closes; two quotation marks in a row are one inside the cell. */
function closingQuote(bytes: Buffer, from: number, final: boolean): number | 'more' {
  for (let at = from; ; at += 2) {
    at = bytes.indexOf(QUOTE, at)
    if (at < 0) return 'more'
    if (at + 1 === bytes.length && !final) return 'more'
    if (bytes[at + 1] !== QUOTE) return at
  }
}

function countLines(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) count++
  return count
}
