import { behindLineEnd, copyOf, countLineEnds, CR, joined, LF, QUOTE, type Units } from './units.ts'

/**
 * Cuts units into records and knows the exact physical line and place of each. A line ends at LF, CR or CRLF. The
 * parsers behind it get whole records only, so one broken quotation mark costs the line it stands on and never the
 * rows after it.
 */
export interface Slice {
  raw: Units
  /** 1-based physical line on which the record begins. */
  line: number
  /** The unit at which it begins, counted over all units. */
  at: number
  /** Whether a quotation mark is in it; not told where quotation marks mean nothing. */
  quoted: boolean
  /** Set where the record is broken; `line` is that of the quotation mark that is to blame. */
  broken: { as: 'open_quote' | 'stray_quote' | 'too_large'; line: number } | undefined
}

/** A record may be this large; the API takes no request over 4 MB. */
export const recordBytesMax = 16 * 1024 * 1024
const keptOfTooLarge = 4096

interface Found {
  /** Where the record ends, and where the next one begins. */
  end: number
  next: number
  broken: { as: 'open_quote' | 'stray_quote'; at: number } | undefined
}

export class Splitter {
  /** The unit between cells; undefined for formats where a line is a record and quotation marks mean nothing. */
  readonly #delimiter: number | undefined
  readonly #max: number
  #rest: Units | undefined
  #waiting: Units[] = []
  #waitingUnits = 0
  /** Units before `#rest`, and the line on which that begins. */
  #before: number
  #line = 1
  #dropping = false

  /** `before` is what lies in front of the first unit that will come: a byte order mark, counted in units. */
  constructor(delimiter?: string, max = recordBytesMax, before = 0) {
    this.#delimiter = delimiter?.charCodeAt(0)
    this.#max = max
    this.#before = before
  }

  /** The records that the units so far complete. */
  push(chunk: Units): Slice[] {
    this.#waiting.push(chunk)
    this.#waitingUnits += chunk.length
    // An unfinished record is looked at again only when as much again has come: a long one costs no more than it is long.
    const rest = this.#rest?.length ?? 0
    if (this.#waitingUnits < rest && rest <= this.#max) return []
    return this.#cut(false)
  }

  /** The records left at the end. */
  end(): Slice[] {
    return this.#cut(true)
  }

  #cut(final: boolean): Slice[] {
    const units = joined(this.#rest === undefined ? this.#waiting : [this.#rest, ...this.#waiting])
    this.#waiting = []
    this.#waitingUnits = 0
    const slices: Slice[] = []
    const marks = new Marks(units, this.#delimiter !== undefined)
    let at = this.#dropping ? this.#afterLine(units, final) : 0
    while (at < units.length) {
      const { lineEnd, quote } = marks.from(at)
      // Most lines hold no quotation mark: the record ends where the line does.
      const quotes = this.#delimiter !== undefined && quote < lineEnd
      const found = quotes
        ? this.#findQuoted(units, at, final, this.#delimiter)
        : endingAt(units, lineEnd, final)
      if (found === undefined) break
      const { end, next, broken } = found
      const [line, place] = [this.#line, this.#before + at]
      if (end - at > this.#max) {
        slices.push(this.#tooLarge(units.subarray(at, end), place))
      } else if (end > at) {
        const slice: Slice = {
          raw: units.subarray(at, end),
          line,
          at: place,
          quoted: quotes,
          broken: undefined,
        }
        if (broken !== undefined) {
          slice.broken = { as: broken.as, line: line + countLineEnds(units, at, broken.at) }
        }
        slices.push(slice)
      }
      this.#line += quotes ? countLineEnds(units, at, next) : 1
      at = next
    }
    this.#rest = at < units.length ? units.subarray(at) : undefined
    this.#before += at
    // Two units more may be the line end of a record that just fits.
    if (this.#rest !== undefined && this.#rest.length > this.#max + 2) slices.push(this.#dropRest(this.#rest))
    return slices
  }

  /** A record with quotation marks in its first line: cell by cell. */
  #findQuoted(units: Units, start: number, final: boolean, delimiter: number): Found | undefined {
    const brokenAt = (at: number, as: 'open_quote' | 'stray_quote'): Found | undefined => {
      let lineEnd = at
      while (lineEnd < units.length && units[lineEnd] !== LF && units[lineEnd] !== CR) lineEnd++
      const found = endingAt(units, lineEnd, final)
      return found && { ...found, broken: { as, at } }
    }
    for (let at = start; ; at++) {
      if (units[at] === QUOTE) {
        const cell = at
        const close = closingQuote(units, at + 1, final)
        if (close === undefined && !final && units.length - start <= this.#max + 1) return undefined
        if (close === undefined || close - start > this.#max) return brokenAt(cell, 'open_quote')
        at = close + 1
        if (at >= units.length && !final) return undefined
        const after = units[at]
        if (after !== undefined && after !== delimiter && after !== LF && after !== CR) {
          return brokenAt(cell, 'stray_quote')
        }
      } else {
        // A quotation mark inside of a cell that does not begin with one is a character like any other.
        for (; at < units.length; at++) {
          const unit = units[at]
          if (unit === delimiter || unit === LF || unit === CR) break
        }
      }
      if (units[at] === delimiter) continue
      return endingAt(units, at, final)
    }
  }

  #tooLarge(raw: Units, at: number): Slice {
    const kept = copyOf(raw.subarray(0, Math.min(keptOfTooLarge, this.#max)))
    return { raw: kept, line: this.#line, at, quoted: false, broken: { as: 'too_large', line: this.#line } }
  }

  #dropRest(rest: Units): Slice {
    const slice = this.#tooLarge(rest, this.#before)
    // A CR at its end may be half of a line end.
    const end = rest.at(-1) === CR ? rest.length - 1 : rest.length
    this.#line += countLineEnds(rest, 0, end)
    this.#before += end
    this.#rest = end < rest.length ? rest.subarray(end) : undefined
    this.#dropping = true
    return slice
  }

  #afterLine(units: Units, final: boolean): number {
    const found = endingAt(units, new Marks(units, false).from(0).lineEnd, final)
    if (found === undefined) return units.at(-1) === CR ? units.length - 1 : units.length
    this.#dropping = false
    this.#line++
    return found.next
  }
}

/** Where the next line end and the next quotation mark stand; each is looked for once and no more. */
class Marks {
  /** Behind everything where there is none. */
  lineEnd = -1
  quote = -1
  readonly #units: Units
  readonly #quotes: boolean
  #lf = -1
  #cr = -1

  constructor(units: Units, quotes: boolean) {
    this.#units = units
    this.#quotes = quotes
  }

  from(at: number): this {
    if (this.#lf < at) this.#lf = this.#find(LF, at)
    if (this.#cr < at) this.#cr = this.#find(CR, at)
    if (this.quote < at) this.quote = this.#quotes ? this.#find(QUOTE, at) : this.#units.length
    this.lineEnd = Math.min(this.#lf, this.#cr)
    return this
  }

  #find(unit: number, from: number): number {
    const at = this.#units.indexOf(unit, from)
    return at < 0 ? this.#units.length : at
  }
}

/** A record that ends at a line end, or with the file; undefined where that cannot be told yet. */
function endingAt(units: Units, lineEnd: number, final: boolean): Found | undefined {
  const broken = undefined
  if (lineEnd >= units.length) return final ? { end: units.length, next: units.length, broken } : undefined
  if (units[lineEnd] === CR && lineEnd + 1 === units.length && !final) return undefined
  return { end: lineEnd, next: behindLineEnd(units, lineEnd), broken }
}

/** Where the quoted cell closes; two quotation marks in a row are one inside the cell. */
function closingQuote(units: Units, from: number, final: boolean): number | undefined {
  for (let at = from; ; at += 2) {
    at = units.indexOf(QUOTE, at)
    if (at < 0 || (at + 1 === units.length && !final)) return undefined
    if (units[at + 1] !== QUOTE) return at
  }
}
