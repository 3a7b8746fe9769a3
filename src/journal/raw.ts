import { isUtf8 } from 'node:buffer'
import type { Raw } from './entry.ts'

export function packRaw(bytes: Uint8Array): Raw {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return isUtf8(buffer) ? buffer.toString() : { base64: buffer.toString('base64') }
}

export function unpackRaw(raw: Raw): Uint8Array {
  return typeof raw === 'string' ? Buffer.from(raw) : Buffer.from(raw.base64, 'base64')
}
