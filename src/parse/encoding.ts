import { isUtf8 } from 'node:buffer'
import type { Encoding } from '../model/row.ts'
import { from1252, upper1252 } from '../model/windows-1252.ts'
import { asBytes, type Units } from './units.ts'

/** How to decode and validate an encoding. */
export interface Codec {
  encoding: Encoding
  /** The name to show to people. */
  name: string
  /** Bytes per code unit. */
  unitBytes: 1 | 2
  /**
   * Whether the code units are valid in this encoding. Called for many records at once, because most files are valid.
   */
  isValid: (units: Units) => boolean
  /** The index of the first invalid code unit; only called when there is one. */
  firstInvalid: (units: Units) => number
  decode: (units: Units) => string
  /** The bytes as they are in the file. */
  toFileBytes: (units: Units) => Buffer
}

export const codecs: Record<Encoding, Codec> = {
  'utf-8': {
    encoding: 'utf-8',
    name: 'UTF-8',
    unitBytes: 1,
    isValid: units => isUtf8(asBytes(units)),
    firstInvalid: units => firstInvalidUtf8(asBytes(units)),
    decode: units => asBytes(units).toString(),
    toFileBytes: asBytes,
  },
  'utf-16le': {
    encoding: 'utf-16le',
    name: 'UTF-16',
    unitBytes: 2,
    isValid: units => decode16(units).isWellFormed(),
    firstInvalid: firstInvalid16,
    decode: decode16,
    toFileBytes: asBytes,
  },
  'utf-16be': {
    encoding: 'utf-16be',
    name: 'UTF-16',
    unitBytes: 2,
    isValid: units => decode16(units).isWellFormed(),
    firstInvalid: firstInvalid16,
    decode: decode16,
    toFileBytes: units => Buffer.from(asBytes(units)).swap16(),
  },
  latin1: {
    encoding: 'latin1',
    name: 'Latin-1',
    unitBytes: 1,
    isValid: () => true,
    firstInvalid: () => -1,
    decode: units => asBytes(units).toString('latin1'),
    toFileBytes: asBytes,
  },
  'windows-1252': {
    encoding: 'windows-1252',
    name: 'Windows-1252',
    unitBytes: 1,
    isValid: units => firstInvalid1252(units) < 0,
    firstInvalid: firstInvalid1252,
    decode: units => from1252(asBytes(units).toString('latin1')),
    toFileBytes: asBytes,
  },
}

const unassigned1252 = new Set(Array.from(upper1252.matchAll(/ /g), ({ index }) => 0x80 + index))

function firstInvalid1252(units: Units): number {
  return asBytes(units).findIndex(byte => unassigned1252.has(byte))
}

/**
 * The first byte that cannot be UTF-8: where the decoder inserts a replacement character that the bytes do not contain.
 */
function firstInvalidUtf8(bytes: Buffer): number {
  const text = bytes.toString()
  const replacement = Buffer.from('\ufffd')
  for (let at = text.indexOf('\ufffd'), byte = 0, from = 0; at >= 0; at = text.indexOf('\ufffd', at + 1)) {
    byte += Buffer.byteLength(text.slice(from, at))
    from = at + 1
    if (!bytes.subarray(byte, byte + replacement.length).equals(replacement)) return byte
    byte += replacement.length
  }
  return -1
}

function decode16(units: Units): string {
  return asBytes(units).toString('utf16le')
}

/** The index of the first unpaired surrogate. */
function firstInvalid16(units: Units): number {
  const text = decode16(units)
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) return at
    if (code > 0xffff) at++
  }
  return -1
}
