import zlib, {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type InputType,
  type ZlibOptions,
} from 'node:zlib'

/**
 * An answer may be as large as this, unpacked. Real ones have some hundred bytes; what is larger comes from something else,
 * and fifty of them at once must not fill the memory.
 */
export const answerBytesMax = 10 * 1024 * 1024

/** An answer may be nested as deep as this, like a record of the input; deeper ones break those who write JSON again. */
export const answerDepthMax = 200

/** A server may pack an answer in several layers; more than these nobody uses in earnest. */
const packingsMax = 3

/** The text of an answer's body, or why there is none. */
export type Body = { text: string } | { cut: string }

export const tooLarge = `the response is larger than ${answerBytesMax / 1024 / 1024} MB`

/** Undoes what was asked to be left alone, and refuses what nobody should have to read. */
export function readBody(chunks: readonly Buffer[], encoding = ''): Body {
  const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
  if (bytes === undefined || bytes.length === 0) return { text: '' }
  const whole = encoding === '' ? bytes : unpack(bytes, encoding)
  if (!(whole instanceof Uint8Array)) return whole
  const text = whole.toString()
  if (isDeeper(text, answerDepthMax))
    return { cut: `the response is nested deeper than ${answerDepthMax} levels` }
  return { text: text.startsWith('\ufeff') ? text.slice(1) : text }
}

type Unpack = (bytes: InputType, options: ZlibOptions) => Buffer

const unpackers: Record<string, Unpack | undefined> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  // Some servers send `deflate` without its zlib frame.
  deflate: (bytes, options) => ((bytes as Buffer)[0] === 0x78 ? inflateSync : inflateRawSync)(bytes, options),
  br: brotliDecompressSync,
  // Node 20 has none.
  zstd: (zlib as unknown as Record<string, Unpack | undefined>)['zstdDecompressSync'],
}

function unpack(bytes: Buffer, encoding: string): Buffer | { cut: string } {
  const layers = encoding
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
  const packings = layers.filter(name => name !== '' && name !== 'identity')
  const undone: Unpack[] = packings.flatMap(
    name => (Object.hasOwn(unpackers, name) ? unpackers[name] : undefined) ?? [],
  )
  const cannot = { cut: `the response has an encoding that cannot be decoded (${encoding.slice(0, 40)})` }
  if (undone.length < packings.length || packings.length > packingsMax) return cannot
  try {
    return undone.reduceRight((packed, by) => by(packed, { maxOutputLength: answerBytesMax }), bytes)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? { cut: tooLarge } : cannot
  }
}

/** Whether JSON opens more objects and lists, one in another, than it may. What is no JSON is not nested. */
function isDeeper(text: string, depthMax: number): boolean {
  if (text.length <= depthMax || !/^\s*[[{]/.test(text)) return false
  let depth = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (isString) {
      if (sign === backslash) at++
      else if (sign === quote) isString = false
    } else if (sign === quote) isString = true
    else if (sign === bracket || sign === brace) {
      if (++depth > depthMax) return true
    } else if (sign === bracketEnd || sign === braceEnd) depth--
  }
  return false
}

const [backslash, quote, bracket, bracketEnd, brace, braceEnd] = [92, 34, 91, 93, 123, 125]
