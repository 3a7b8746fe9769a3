/**
 * What a file is cut in: bytes, or pairs of bytes where it is UTF-16. A comma, a quotation mark and the two line ends
 * are one unit of the same number in every encoding we read, so one splitter does for all of them.
 */
export type Units = Buffer | Uint16Array

export const LF = 10
export const CR = 13
export const QUOTE = 34

/** Several pieces as one. */
export function joined(pieces: Units[]): Units {
  const [first] = pieces
  if (first === undefined) return Buffer.alloc(0)
  if (pieces.length === 1) return first
  if (Buffer.isBuffer(first)) return Buffer.concat(pieces as Buffer[])
  const whole = new Uint16Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** The same units in memory of their own, so that they do not hold on to the rest of a large piece. */
export function copyOf(units: Units): Units {
  return Buffer.isBuffer(units) ? Buffer.from(units) : units.slice()
}

/** The bytes of some units: the same memory, seen otherwise. */
export function bytesOf(units: Units): Buffer {
  return Buffer.isBuffer(units) ? units : Buffer.from(units.buffer, units.byteOffset, units.byteLength)
}

/** Where the line end at `at` is over: CRLF is one line end. */
export function behindLineEnd(units: Units, at: number): number {
  return units[at] === CR && units[at + 1] === LF ? at + 2 : at + 1
}

/** How many lines end in a stretch of units, at LF, CR or CRLF. */
export function countLineEnds(units: Units, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) {
    if (units[at] === LF || (units[at] === CR && (at + 1 === to || units[at + 1] !== LF))) count++
  }
  return count
}

/** Everything from the first of some units to the last; all of them lie in the same memory. */
export function span(first: Units, last: Units): Units {
  const bytes = last.byteOffset + last.byteLength - first.byteOffset
  return Buffer.isBuffer(first)
    ? Buffer.from(first.buffer, first.byteOffset, bytes)
    : new Uint16Array(first.buffer, first.byteOffset, bytes / first.BYTES_PER_ELEMENT)
}
