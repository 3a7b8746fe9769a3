import { isUtf8 } from 'node:buffer'
import type { Encoding } from '../model/row.ts'
import { from1252, upper1252 } from '../model/windows-1252.ts'
import { bytesOf, type Units } from './units.ts'

/** How to read the characters of an encoding. */
export interface Codec {
  encoding: Encoding
  /** As people write it. */
  name: string
  /** Bytes of a unit. */
  unit: 1 | 2
  /** Whether these units are what the encoding says; asked of many records at once, because most files are sound. */
  isSound: (units: Units) => boolean
  /** The first unit that is not, of units that are not sound. */
  wrongAt: (units: Units) => number
  decode: (units: Units) => string
  /** The bytes as the file has them. */
  original: (units: Units) => Buffer
}

/** The one way to read each encoding. */
export const codecs: Record<Encoding, Codec> = {
  'utf-8': {
    encoding: 'utf-8',
    name: 'UTF-8',
    unit: 1,
    isSound: units => isUtf8(bytesOf(units)),
    wrongAt: units => wrongInUtf8(bytesOf(units)),
    decode: units => bytesOf(units).toString(),
    original: bytesOf,
  },
  'utf-16le': {
    encoding: 'utf-16le',
    name: 'UTF-16',
    unit: 2,
    isSound: units => decode16(units).isWellFormed(),
    wrongAt: wrongIn16,
    decode: decode16,
    original: bytesOf,
  },
  'utf-16be': {
    encoding: 'utf-16be',
    name: 'UTF-16',
    unit: 2,
    isSound: units => decode16(units).isWellFormed(),
    wrongAt: wrongIn16,
    decode: decode16,
    original: units => Buffer.from(bytesOf(units)).swap16(),
  },
  latin1: {
    encoding: 'latin1',
    name: 'Latin-1',
    unit: 1,
    isSound: () => true,
    wrongAt: () => -1,
    decode: units => bytesOf(units).toString('latin1'),
    original: bytesOf,
  },
  'windows-1252': {
    encoding: 'windows-1252',
    name: 'Windows-1252',
    unit: 1,
    isSound: units => wrongIn1252(units) < 0,
    wrongAt: wrongIn1252,
    decode: units => from1252(bytesOf(units).toString('latin1')),
    original: bytesOf,
  },
}

const missing1252 = new Set(Array.from(upper1252.matchAll(/ /g), ({ index }) => 0x80 + index))

function wrongIn1252(units: Units): number {
  return bytesOf(units).findIndex(byte => missing1252.has(byte))
}

/** The first byte that no UTF-8 has there: where the decoder puts a mark that the text does not hold itself. */
function wrongInUtf8(bytes: Buffer): number {
  const text = bytes.toString()
  const mark = Buffer.from('\ufffd')
  for (let at = text.indexOf('\ufffd'), byte = 0, from = 0; at >= 0; at = text.indexOf('\ufffd', at + 1)) {
    byte += Buffer.byteLength(text.slice(from, at))
    from = at + 1
    if (!bytes.subarray(byte, byte + mark.length).equals(mark)) return byte
    byte += mark.length
  }
  return -1
}

function decode16(units: Units): string {
  return bytesOf(units).toString('utf16le')
}

/** The first half of a character that has no other half. */
function wrongIn16(units: Units): number {
  const text = decode16(units)
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) return at
    if (code > 0xffff) at++
  }
  return -1
}
