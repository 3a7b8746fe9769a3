import type { TextInput } from './decode.ts'
import type { Codec } from './encoding.ts'
import { afterLineEnd, concat, copy, countLineEnds, CR, LF, QUOTE, span, type Units } from './units.ts'

/**
 * A record as it is in the file. Parsers only ever get whole records, so an unbalanced quote costs the line it is on
 * and never the rows after it.
 */
export interface RawRecord {
  raw: Units
  /** The 1-based physical line on which the record starts. A line ends at LF, CR or CRLF. */
  line: number
  /** The code unit at which the record starts, counted from the start of the file. */
  offset: number
  /** Whether it contains quotes; always false for formats without quoting. */
  hasQuotes: boolean
  /** Set if the record is broken; `line` is where the offending quote is. */
  broken: { reason: 'open_quote' | 'stray_quote' | 'too_large'; line: number } | undefined
}

/** The largest record we accept; the API takes no request over 4 MB. */
export const recordBytesMax = 16 * 1024 * 1024
const oversizedUnitsKept = 4096

/** Splits a file into records, in batches of one chunk each. Without a delimiter, each line is a record. */
export async function* splitRecords(
  { chunks, codec, bomUnits }: TextInput,
  delimiter?: string,
): AsyncGenerator<RawRecord[], undefined> {
  const splitter = new RecordSplitter(delimiter, recordBytesMax / codec.unitBytes, bomUnits)
  for await (const chunk of chunks) {
    const records = splitter.push(chunk)
    if (records.length > 0) yield records
  }
  const records = splitter.end()
  if (records.length > 0) yield records
  return undefined
}

/**
 * Returns a check for the records of a batch. The batch is validated as a whole first, because most files are valid.
 */
export function validityOf(records: readonly RawRecord[], codec: Codec): (record: RawRecord) => boolean {
  const complete = records.filter(({ broken }) => broken?.reason !== 'too_large')
  const [first, last] = [complete[0], complete.at(-1)]
  const areAllValid = first === undefined || last === undefined || codec.isValid(span(first.raw, last.raw))
  return ({ raw }) => areAllValid || codec.isValid(raw)
}

interface Boundary {
  /** Where the record ends, and where the next one starts. */
  end: number
  next: number
  broken: { reason: 'open_quote' | 'stray_quote'; at: number } | undefined
}

export class RecordSplitter {
  /** The code unit between cells; undefined for formats with one record per line and no quoting. */
  readonly #delimiter: number | undefined
  readonly #maxUnits: number
  #rest: Units | undefined
  #queued: Units[] = []
  #queuedUnits = 0
  /** The offset of `#rest`, and the line on which it starts. */
  #offset: number
  #line = 1
  #isSkippingLine = false

  /** `offset` is the position of the first code unit that will be pushed: after a byte order mark it is not 0. */
  constructor(delimiter?: string, maxUnits = recordBytesMax, offset = 0) {
    this.#delimiter = delimiter?.charCodeAt(0)
    this.#maxUnits = maxUnits
    this.#offset = offset
  }

  /** Returns the records that this chunk completes. */
  push(chunk: Units): RawRecord[] {
    this.#queued.push(chunk)
    this.#queuedUnits += chunk.length
    // Rescan an unfinished record only once it has doubled, so that a long one takes linear time.
    const rest = this.#rest?.length ?? 0
    if (this.#queuedUnits < rest && rest <= this.#maxUnits) return []
    return this.#split(false)
  }

  /** Returns the records that remain at the end of the file. */
  end(): RawRecord[] {
    return this.#split(true)
  }

  #split(isFinal: boolean): RawRecord[] {
    const units = concat(this.#rest === undefined ? this.#queued : [this.#rest, ...this.#queued])
    this.#queued = []
    this.#queuedUnits = 0
    const records: RawRecord[] = []
    const breaks = new BreakScanner(units, this.#delimiter !== undefined)
    let at = this.#isSkippingLine ? this.#skipLine(units, isFinal) : 0
    while (at < units.length) {
      const { lineEnd, quote } = breaks.seek(at)
      // Most lines contain no quotes, so the record ends at the end of the line.
      const hasQuotes = this.#delimiter !== undefined && quote < lineEnd
      const boundary = hasQuotes
        ? this.#quotedBoundary(units, at, isFinal, this.#delimiter)
        : boundaryAt(units, lineEnd, isFinal)
      if (boundary === undefined) break
      const { end, next, broken } = boundary
      const [line, offset] = [this.#line, this.#offset + at]
      if (end - at > this.#maxUnits) {
        records.push(this.#oversized(units.subarray(at, end), offset))
      } else if (end > at) {
        const record: RawRecord = {
          raw: units.subarray(at, end),
          line,
          offset,
          hasQuotes,
          broken: undefined,
        }
        if (broken !== undefined) {
          record.broken = { reason: broken.reason, line: line + countLineEnds(units, at, broken.at) }
        }
        records.push(record)
      }
      this.#line += hasQuotes ? countLineEnds(units, at, next) : 1
      at = next
    }
    this.#rest = at < units.length ? units.subarray(at) : undefined
    this.#offset += at
    // Up to two more code units may be the line end of a record that just fits.
    if (this.#rest !== undefined && this.#rest.length > this.#maxUnits + 2)
      records.push(this.#skipRest(this.#rest))
    return records
  }

  /** Splits off a record whose first line contains quotes, cell by cell. */
  #quotedBoundary(units: Units, start: number, isFinal: boolean, delimiter: number): Boundary | undefined {
    const brokenAt = (at: number, reason: 'open_quote' | 'stray_quote'): Boundary | undefined => {
      let lineEnd = at
      while (lineEnd < units.length && units[lineEnd] !== LF && units[lineEnd] !== CR) lineEnd++
      const boundary = boundaryAt(units, lineEnd, isFinal)
      return boundary && { ...boundary, broken: { reason, at } }
    }
    for (let at = start; ; at++) {
      if (units[at] === QUOTE) {
        const open = at
        const close = closingQuote(units, at + 1, isFinal)
        if (close === undefined && !isFinal && units.length - start <= this.#maxUnits + 1) return undefined
        if (close === undefined || close - start > this.#maxUnits) return brokenAt(open, 'open_quote')
        at = close + 1
        if (at >= units.length && !isFinal) return undefined
        const after = units[at]
        if (after !== undefined && after !== delimiter && after !== LF && after !== CR) {
          return brokenAt(open, 'stray_quote')
        }
      } else {
        // In a cell that does not start with a quote, quotes are ordinary characters.
        for (; at < units.length; at++) {
          const unit = units[at]
          if (unit === delimiter || unit === LF || unit === CR) break
        }
      }
      if (units[at] === delimiter) continue
      return boundaryAt(units, at, isFinal)
    }
  }

  #oversized(raw: Units, offset: number): RawRecord {
    const kept = copy(raw.subarray(0, Math.min(oversizedUnitsKept, this.#maxUnits)))
    return {
      raw: kept,
      line: this.#line,
      offset,
      hasQuotes: false,
      broken: { reason: 'too_large', line: this.#line },
    }
  }

  #skipRest(rest: Units): RawRecord {
    const record = this.#oversized(rest, this.#offset)
    // A trailing CR may be the first half of a CRLF.
    const end = rest.at(-1) === CR ? rest.length - 1 : rest.length
    this.#line += countLineEnds(rest, 0, end)
    this.#offset += end
    this.#rest = end < rest.length ? rest.subarray(end) : undefined
    this.#isSkippingLine = true
    return record
  }

  #skipLine(units: Units, isFinal: boolean): number {
    const boundary = boundaryAt(units, new BreakScanner(units, false).seek(0).lineEnd, isFinal)
    if (boundary === undefined) return units.at(-1) === CR ? units.length - 1 : units.length
    this.#isSkippingLine = false
    this.#line++
    return boundary.next
  }
}

/** Finds the next line end and the next quote; each stretch of text is searched only once. */
class BreakScanner {
  /** Both are the length of the text if there is none. */
  lineEnd = -1
  quote = -1
  readonly #units: Units
  readonly #findQuotes: boolean
  #lf = -1
  #cr = -1

  constructor(units: Units, findQuotes: boolean) {
    this.#units = units
    this.#findQuotes = findQuotes
  }

  seek(at: number): this {
    if (this.#lf < at) this.#lf = this.#find(LF, at)
    if (this.#cr < at) this.#cr = this.#find(CR, at)
    if (this.quote < at) this.quote = this.#findQuotes ? this.#find(QUOTE, at) : this.#units.length
    this.lineEnd = Math.min(this.#lf, this.#cr)
    return this
  }

  #find(unit: number, from: number): number {
    const at = this.#units.indexOf(unit, from)
    return at < 0 ? this.#units.length : at
  }
}

/** A record that ends at a line end, or at the end of the file; undefined if that is not certain yet. */
function boundaryAt(units: Units, lineEnd: number, isFinal: boolean): Boundary | undefined {
  const broken = undefined
  if (lineEnd >= units.length) return isFinal ? { end: units.length, next: units.length, broken } : undefined
  if (units[lineEnd] === CR && lineEnd + 1 === units.length && !isFinal) return undefined
  return { end: lineEnd, next: afterLineEnd(units, lineEnd), broken }
}

/** The position of the closing quote of a cell; two quotes in a row are an escaped one. */
function closingQuote(units: Units, from: number, isFinal: boolean): number | undefined {
  for (let at = from; ; at += 2) {
    at = units.indexOf(QUOTE, at)
    if (at < 0 || (at + 1 === units.length && !isFinal)) return undefined
    if (units[at + 1] !== QUOTE) return at
  }
}
