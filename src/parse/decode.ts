import { isUtf8 } from 'node:buffer'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Encoding } from '../model/row.ts'
import { type Codec, codecs } from './encoding.ts'
import type { Units } from './units.ts'

/** The text of a file, not decoded yet: its encoding, and its code units without the byte order mark. */
export interface TextInput {
  file: string
  codec: Codec
  chunks: AsyncIterable<Units>
  /** Units of the byte order mark that was skipped. */
  bomUnits: number
  /** The beginning of the text, for format detection; its last character may be cut off. */
  preview: string
}

/** Byte order marks of the encodings that have one. */
const byteOrderMarks: [Encoding, Buffer][] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
]

/**
 * Opens the text of a file in the requested encoding, or else in the one detected from a byte order mark or the zero
 * bytes of UTF-16, or else in UTF-8. Throws if the bytes contradict the requested encoding.
 */
export function openText(
  file: string,
  head: Buffer,
  chunks: AsyncIterable<Uint8Array>,
  requested?: Encoding,
): TextInput {
  const withMark = byteOrderMarks.find(([, mark]) => head.subarray(0, mark.length).equals(mark))
  const detected = withMark?.[0] ?? detectUtf16(head)
  if (requested !== undefined && detected !== requested) rejectContradiction(file, requested, detected, head)
  const codec = codecs[requested ?? detected ?? 'utf-8']
  const bomBytes = withMark?.[1].length ?? 0
  const bytes = skipBytes(bomBytes, chunks)
  return {
    file,
    codec,
    chunks: codec.unitBytes === 1 ? bytes : pairBytes(file, bytes, codec, bomBytes),
    bomUnits: bomBytes / codec.unitBytes,
    preview: codec.decode(toUnits(head.subarray(bomBytes), codec)),
  }
}

/** In UTF-16, one byte of most letters is zero, and nearly always the same one. Other text has no zero bytes. */
function detectUtf16(head: Buffer): Encoding | undefined {
  const sample = head.subarray(0, 1024)
  const minZeros = Math.max(8, sample.length * 0.3)
  const zeros = [0, 0]
  for (const [i, byte] of sample.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  if (odd >= minZeros && even <= odd / 8) return 'utf-16le'
  return even >= minZeros && odd <= even / 8 ? 'utf-16be' : undefined
}

function rejectContradiction(
  file: string,
  requested: Encoding,
  detected: Encoding | undefined,
  head: Buffer,
): void {
  const actual = detected ?? guessEncoding(requested, head)
  if (actual === undefined) return
  const at = detected === undefined ? head.findIndex(byte => byte > 0x7f) : 0
  const message = `${file} is not ${requested}, as --encoding says: from byte ${Math.max(0, at)} on it is ${actual}.`
  throw new TrackSyncError('encoding_other', message, {
    file,
    expected: requested,
    came: actual,
    next: nextSteps.encode(actual),
  })
}

/** The likely encoding of bytes that have no byte order mark and cannot be in the requested encoding. */
function guessEncoding(requested: Encoding, head: Buffer): Encoding | undefined {
  if (codecs[requested].unitBytes === 2) return head.includes(0) ? undefined : 'utf-8'
  if (requested === 'utf-8') return undefined
  // Real Latin-1 text is never valid UTF-8 by accident.
  const completeLines = head.subarray(0, head.lastIndexOf(0x0a) + 1 || head.length)
  return completeLines.some(byte => byte > 0x7f) && isUtf8(completeLines) ? 'utf-8' : undefined
}

/** The records of a chunk form one batch, and small batches are freed before a garbage collection has to copy them. */
const chunkBytes = 32 * 1024

/** The bytes after the first `count`, in chunks of limited size. */
async function* skipBytes(count: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let start = count
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = start; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
    start = 0
  }
}

/** Joins bytes to 16-bit code units across chunk boundaries. */
async function* pairBytes(
  file: string,
  chunks: AsyncIterable<Buffer>,
  codec: Codec,
  skipped: number,
): AsyncGenerator<Units> {
  let rest: Buffer = Buffer.alloc(0)
  let bytes = skipped
  for await (const chunk of chunks) {
    const all = Buffer.concat([rest, chunk])
    rest = Buffer.from(all.subarray(all.length - (all.length % 2)))
    bytes += all.length - rest.length
    yield toUnits(all, codec)
  }
  if (rest.length === 0) return
  throw new TrackSyncError('file_cut', `${file} is UTF-16 and ends in the middle of a character.`, {
    file,
    expected: 'an even number of bytes',
    came: `${bytes + 1} bytes`,
  })
}

/** Bytes as code units in host byte order; half a unit at the end is dropped. */
function toUnits(bytes: Buffer, { encoding, unitBytes }: Codec): Units {
  if (unitBytes === 1) return bytes
  const units = new Uint16Array(Math.floor(bytes.length / 2))
  const pairs = Buffer.from(units.buffer)
  bytes.copy(pairs)
  if (encoding === 'utf-16be') pairs.swap16()
  return units
}
