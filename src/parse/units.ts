/**
 * Code units of a file: bytes, or 16-bit units for UTF-16. Delimiters, quotes and line ends are single code units with
 * the same value in every encoding we read, so one splitter works for all of them.
 */
export type Units = Buffer | Uint16Array

export const LF = 10
export const CR = 13
export const QUOTE = 34

export function concat(pieces: Units[]): Units {
  const [first] = pieces
  if (first === undefined) return Buffer.alloc(0)
  if (pieces.length === 1) return first
  if (Buffer.isBuffer(first)) return Buffer.concat(pieces as Buffer[])
  const all = new Uint16Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    all.set(piece, offset)
    offset += piece.length
  }
  return all
}

/** A copy that does not keep the rest of a large buffer alive. */
export function copy(units: Units): Units {
  return Buffer.isBuffer(units) ? Buffer.from(units) : units.slice()
}

/** The same memory as bytes. */
export function asBytes(units: Units): Buffer {
  return Buffer.isBuffer(units) ? units : Buffer.from(units.buffer, units.byteOffset, units.byteLength)
}

/** The position after the line end at `at`; CRLF is one line end. */
export function afterLineEnd(units: Units, at: number): number {
  return units[at] === CR && units[at + 1] === LF ? at + 2 : at + 1
}

/** Counts the line ends (LF, CR or CRLF) in a range. */
export function countLineEnds(units: Units, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) {
    if (units[at] === LF || (units[at] === CR && (at + 1 === to || units[at + 1] !== LF))) count++
  }
  return count
}

/** Everything from the start of `first` to the end of `last`, which are views of the same memory. */
export function span(first: Units, last: Units): Units {
  const bytes = last.byteOffset + last.byteLength - first.byteOffset
  return Buffer.isBuffer(first)
    ? Buffer.from(first.buffer, first.byteOffset, bytes)
    : new Uint16Array(first.buffer, first.byteOffset, bytes / first.BYTES_PER_ELEMENT)
}
