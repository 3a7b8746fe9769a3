import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Packing } from '../model/row.ts'
import { readHead } from './read-head.ts'
import { isZstd, zstdFrames } from './zstd.ts'

/**
 * A file that unpacks to more than this is taken for a decompression bomb. Both limits must be exceeded; no table
 * compresses that well.
 */
const bombLimits = { bytes: 1024 ** 3, ratio: 400 }

/** The content of a file that may be compressed, detected from its first bytes and not from its name. */
export async function unpack(
  file: string,
  input: AsyncIterable<Uint8Array>,
  limits = bombLimits,
): Promise<{ packing: Packing | null; content: AsyncIterable<Uint8Array> }> {
  const { head, chunks, close } = await readHead(input)
  const packing = detectPacking(head)
  if (packing === null) return { packing, content: chunks }
  const createDecompressor = decompressors[packing]
  if (createDecompressor !== undefined)
    return { packing, content: decompress(file, packing, chunks, createDecompressor, limits) }
  await close()
  throw new TrackSyncError(
    'file_packed',
    `${file} is compressed with ${packing}, which this version of Node.js cannot decompress.`,
    {
      file,
      expected: 'Node.js 22.15 or newer, or a file compressed with gzip',
      came: packing,
      next: nextSteps.unpack(file, packing, '-dc'),
    },
  )
}

const chunkSize = 64 * 1024

/** Undefined where this version of Node has no decompressor. */
const decompressors: Record<Packing, (() => Transform) | undefined> = {
  gzip: () => zlib.createGunzip({ chunkSize }),
  brotli: () => zlib.createBrotliDecompress({ chunkSize }),
  zstd: zstdDecompressor(),
}

function zstdDecompressor(): (() => Transform) | undefined {
  // Node 20 does not have it, and neither do its types.
  type Create = (options: { chunkSize: number }) => Transform
  const { createZstdDecompress } = zlib as { createZstdDecompress?: Create }
  return createZstdDecompress && (() => createZstdDecompress({ chunkSize }))
}

function detectPacking(head: Buffer): Packing | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (isZstd(head)) return 'zstd'
  return isBrotli(head) ? 'brotli' : null
}

/** Brotli has no magic number: it is whatever is not text and can be decompressed. */
function isBrotli(head: Buffer): boolean {
  if (!head.some(byte => byte < 9 || (byte > 13 && byte < 32))) return false
  const { BROTLI_OPERATION_FLUSH: finishFlush } = zlib.constants
  try {
    return zlib.brotliDecompressSync(head, { finishFlush, maxOutputLength: 1 << 20 }).length > 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
  }
}

/** The decompressor is created lazily, so that none leaks if the content is never read. */
async function* decompress(
  file: string,
  packing: Packing,
  chunks: AsyncIterable<Uint8Array>,
  createDecompressor: () => Transform,
  limits: typeof bombLimits,
): AsyncGenerator<Uint8Array> {
  let [packedBytes, unpackedBytes] = [0, 0]
  async function* counted() {
    for await (const chunk of chunks) {
      packedBytes += chunk.length
      yield chunk
    }
  }
  const frames = packing === 'zstd' ? zstdFrames(counted()) : [counted()]
  try {
    for await (const frame of frames) {
      for await (const chunk of pipeThrough(createDecompressor(), frame)) {
        unpackedBytes += chunk.length
        if (unpackedBytes > limits.bytes && unpackedBytes > packedBytes * limits.ratio)
          throw decompressionBomb(file, packing, packedBytes, unpackedBytes)
        yield chunk
      }
    }
  } catch (error) {
    if (error instanceof TrackSyncError) throw error
    const message = `${file} is compressed with ${packing} and cannot be decompressed after byte ${unpackedBytes}: ${(error as Error).message}.`
    throw new TrackSyncError('file_packed', message, {
      file,
      expected: `a complete ${packing} file`,
      next: 'Compress or copy it again; it may have been truncated.',
    })
  }
}

async function* pipeThrough(
  decompressor: Transform,
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const piping = pipeline(Readable.from(packed), decompressor)
  // The error surfaces where the content is read; nothing else awaits this promise.
  piping.catch(() => {})
  try {
    for await (const chunk of decompressor as AsyncIterable<Uint8Array>) yield chunk
    await piping
  } finally {
    // Destroying it also closes its input.
    decompressor.destroy()
  }
}

function decompressionBomb(
  file: string,
  packing: Packing,
  packedBytes: number,
  unpackedBytes: number,
): TrackSyncError {
  const ratio = Math.floor(unpackedBytes / packedBytes)
  const message = `${file} decompresses to more than ${ratio} times its size, as only a decompression bomb does.`
  return new TrackSyncError('file_packed', message, {
    file,
    came: `more than ${unpackedBytes} bytes from ${packedBytes}`,
    next: nextSteps.unpack(file, packing, '-dc'),
  })
}
