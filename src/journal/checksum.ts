import { crc32 } from 'node:zlib'

/**
 * The checksum of a line: the last key of its JSON object, `…,"crc":"1a2b3c4d"}`, so that the line stays the plain JSON
 * that it is. It is the CRC-32 of `zlib.crc32`, which Node has had since 20.15 and so wherever this runs, over the bytes in
 * front of it and those of every line before, each without its own checksum. So a line that was changed, put in, doubled,
 * removed or moved is found where it is. What is cut off behind a whole line at the very end leaves no trace.
 */
export interface Sealed {
  /** What the checksum covers of the line. */
  bytes: Uint8Array
  crc: number
}

/** The running checksum of an empty journal. */
export const emptyChain = 0

/** The running checksum behind these bytes. */
export function chainOver(bytes: Uint8Array | string, before: number): number {
  return crc32(bytes, before)
}

/** A JSON object as a line with its checksum, and the running checksum behind it. */
export function seal(json: string, before: number): { line: string; chain: number } {
  const covered = json.slice(0, -1)
  const chain = chainOver(covered, before)
  return { line: `${covered},"crc":"${chain.toString(16).padStart(8, '0')}"}\n`, chain }
}

/** A line, without its line end, as its checksum parts it; undefined where it carries none. */
export function sealOf(line: Buffer): Sealed | undefined {
  const found = sealed.exec(line.toString('latin1', Math.max(0, line.length - sealBytes)))
  if (found === null) return undefined
  return { bytes: line.subarray(0, line.length - sealBytes), crc: Number.parseInt(found[1] ?? '', 16) }
}

const sealed = /^,"crc":"([0-9a-f]{8})"\}$/
const sealBytes = ',"crc":"00000000"}'.length

/**
 * Whether the bytes begin with a line that is whole, with its right checksum, and go on behind it. Such a line has lost
 * its line end, and no crash does that.
 */
export function hasWholeLine(bytes: Buffer, before: number): boolean {
  const text = bytes.toString('latin1')
  for (let at = text.indexOf(',"crc":"'); at >= 0; at = text.indexOf(',"crc":"', at + 1)) {
    const end = at + sealBytes
    const found = end < bytes.length ? sealOf(bytes.subarray(0, end)) : undefined
    if (found !== undefined && chainOver(found.bytes, before) === found.crc) return true
  }
  return false
}
