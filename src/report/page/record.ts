import type { Encoding } from '../../model/row.ts'
import { from1252 } from '../../model/windows-1252.ts'

/** As much of a record as is read to show its beginning; an even number, for encodings of two bytes. */
const bytesMax = 600

/** The beginning of an original record as text. It is shown, not sent: bytes that are no text may become any sign. */
export function recordText(raw: Uint8Array, encoding: Encoding): string {
  const bytes = Buffer.from(raw.subarray(0, bytesMax))
  switch (encoding) {
    case 'utf-8':
      return bytes.toString()
    case 'utf-16le':
      return bytes.toString('utf16le')
    case 'utf-16be':
      return bytes
        .subarray(0, bytes.length - (bytes.length % 2))
        .swap16()
        .toString('utf16le')
    case 'latin1':
      return bytes.toString('latin1')
    case 'windows-1252':
      return from1252(bytes.toString('latin1'))
  }
}
