import { isUtf8 } from 'node:buffer'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Encoding } from '../model/row.ts'
import { type Codec, codecs } from './encoding.ts'
import type { Units } from './units.ts'

/** The characters of a file: how they are encoded, and the units they lie in, without a byte order mark in front. */
export interface Text {
  file: string
  codec: Codec
  chunks: AsyncIterable<Units>
  /** Units in front of the first one: the byte order mark. */
  before: number
  /** How it begins, to be looked at; the last character may be cut. */
  begins: string
}

/** The byte order marks that say what a file is. */
const marks: [Encoding, Buffer][] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
]

/**
 * The encoding that was said or is seen: by the byte order mark, by the zeros between the letters of UTF-16, or else
 * UTF-8. Refuses what was said where the bytes show that it is something else.
 */
export function readText(
  file: string,
  head: Buffer,
  chunks: AsyncIterable<Uint8Array>,
  said?: Encoding,
): Text {
  const marked = marks.find(([, mark]) => head.subarray(0, mark.length).equals(mark))
  const seen = marked?.[0] ?? zerosOf(head)
  if (said !== undefined && seen !== said) refuse(file, said, seen, head)
  const codec = codecs[said ?? seen ?? 'utf-8']
  const markBytes = marked?.[1].length ?? 0
  const bytes = without(markBytes, chunks)
  return {
    file,
    codec,
    chunks: codec.unit === 1 ? bytes : unitPairs(file, bytes, codec, markBytes),
    before: markBytes / codec.unit,
    begins: codec.decode(unitsOf(head.subarray(markBytes), codec)),
  }
}

/** Of two bytes of UTF-16 one is zero for most letters, and nearly always the same one; other text has no zeros. */
function zerosOf(head: Buffer): Encoding | undefined {
  const looked = head.subarray(0, 1024)
  const most = Math.max(8, looked.length * 0.3)
  const zeros = [0, 0]
  for (const [i, byte] of looked.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  if (odd >= most && even <= odd / 8) return 'utf-16le'
  return even >= most && odd <= even / 8 ? 'utf-16be' : undefined
}

function refuse(file: string, said: Encoding, seen: Encoding | undefined, head: Buffer): void {
  const is = seen ?? guessed(said, head)
  if (is === undefined) return
  const at = seen === undefined ? head.findIndex(byte => byte > 0x7f) : 0
  const message = `${file} is not ${said}, as --encoding says: from byte ${Math.max(0, at)} on it is ${is}.`
  throw new TrackSyncError('encoding_other', message, {
    file,
    expected: said,
    came: is,
    next: nextSteps.encode(is),
  })
}

/** What the bytes are where nothing marks them and they cannot be what was said. */
function guessed(said: Encoding, head: Buffer): Encoding | undefined {
  if (codecs[said].unit === 2) return head.includes(0) ? undefined : 'utf-8'
  if (said === 'utf-8') return undefined
  // Letters of Latin-1 that happen to be UTF-8 throughout do not happen.
  const whole = head.subarray(0, head.lastIndexOf(0x0a) + 1 || head.length)
  return whole.some(byte => byte > 0x7f) && isUtf8(whole) ? 'utf-8' : undefined
}

/** The records of a chunk are one batch; of a small one they are gone again before the collector comes by. */
const chunkBytes = 32 * 1024

/** The bytes without so many at their beginning, in chunks that are not large. */
async function* without(count: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let from = count
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = from; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
    from = 0
  }
}

/** Bytes two by two. */
async function* unitPairs(
  file: string,
  chunks: AsyncIterable<Buffer>,
  codec: Codec,
  before: number,
): AsyncGenerator<Units> {
  let odd: Buffer = Buffer.alloc(0)
  let bytes = before
  for await (const chunk of chunks) {
    const all = Buffer.concat([odd, chunk])
    odd = Buffer.from(all.subarray(all.length - (all.length % 2)))
    bytes += all.length - odd.length
    yield unitsOf(all, codec)
  }
  if (odd.length === 0) return
  throw new TrackSyncError('file_cut', `${file} is UTF-16 and ends in the middle of a character.`, {
    file,
    expected: 'an even number of bytes',
    came: `${bytes + 1} bytes`,
  })
}

/** Bytes as units of an encoding, in pairs with the lower byte first whatever the order in the file; half a pair is left out. */
function unitsOf(bytes: Buffer, { encoding, unit }: Codec): Units {
  if (unit === 1) return bytes
  const units = new Uint16Array(Math.floor(bytes.length / 2))
  const pairs = Buffer.from(units.buffer)
  bytes.copy(pairs)
  if (encoding === 'utf-16be') pairs.swap16()
  return units
}
