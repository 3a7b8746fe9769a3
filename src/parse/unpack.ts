import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Packing } from '../model/row.ts'
import { peek } from './peek.ts'
import { isZstd, zstdFrames } from './zstd.ts'

/**
 * What is taken for a bomb: more than so many bytes, and more than so many times what was packed. No table is packed
 * as tightly as that.
 */
const bombLimits = { bytes: 1024 ** 3, times: 400 }

/** The content of a file that may be compressed, told by its first bytes and not by its name. */
export async function unpack(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  limits = bombLimits,
): Promise<{ packing: Packing | null; content: AsyncIterable<Uint8Array> }> {
  const { head, all, close } = await peek(chunks)
  const packing = packingOf(head)
  if (packing === null) return { packing, content: all }
  const unpacker = unpackers[packing]
  if (unpacker !== undefined) return { packing, content: unpacked(file, packing, all, unpacker, limits) }
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

/** Undefined where this Node cannot. */
const unpackers: Record<Packing, (() => Transform) | undefined> = {
  gzip: () => zlib.createGunzip({ chunkSize }),
  brotli: () => zlib.createBrotliDecompress({ chunkSize }),
  zstd: zstdUnpacker(),
}

function zstdUnpacker(): (() => Transform) | undefined {
  // Not in Node 20, whose types do not know it either.
  type Create = (options: { chunkSize: number }) => Transform
  const { createZstdDecompress } = zlib as { createZstdDecompress?: Create }
  return createZstdDecompress && (() => createZstdDecompress({ chunkSize }))
}

function packingOf(head: Buffer): Packing | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (isZstd(head)) return 'zstd'
  return isBrotli(head) ? 'brotli' : null
}

/** Brotli has no mark of its own: it is what is no text and can be unpacked. */
function isBrotli(head: Buffer): boolean {
  if (!head.some(byte => byte < 9 || (byte > 13 && byte < 32))) return false
  const { BROTLI_OPERATION_FLUSH: finishFlush } = zlib.constants
  try {
    return zlib.brotliDecompressSync(head, { finishFlush, maxOutputLength: 1 << 20 }).length > 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
  }
}

/** The unpacker is made when the first byte is asked for, so that one whose content nobody wants is never there. */
async function* unpacked(
  file: string,
  packing: Packing,
  chunks: AsyncIterable<Uint8Array>,
  makeUnpacker: () => Transform,
  limits: typeof bombLimits,
): AsyncGenerator<Uint8Array> {
  let [packed, bytes] = [0, 0]
  async function* counted() {
    for await (const chunk of chunks) {
      packed += chunk.length
      yield chunk
    }
  }
  const parts = packing === 'zstd' ? zstdFrames(counted()) : [counted()]
  try {
    for await (const part of parts) {
      for await (const chunk of through(makeUnpacker(), part)) {
        bytes += chunk.length
        if (bytes > limits.bytes && bytes > packed * limits.times) throw bomb(file, packing, packed, bytes)
        yield chunk
      }
    }
  } catch (error) {
    if (error instanceof TrackSyncError) throw error
    const message = `${file} is compressed with ${packing} and cannot be decompressed after byte ${bytes}: ${(error as Error).message}.`
    throw new TrackSyncError('file_packed', message, {
      file,
      expected: `a complete ${packing} file`,
      next: 'Compress or copy it again; it may have been truncated.',
    })
  }
}

async function* through(unpacker: Transform, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const feeding = pipeline(Readable.from(packed), unpacker)
  // Told where the content is read; nobody else waits for it.
  feeding.catch(() => {})
  try {
    for await (const chunk of unpacker as AsyncIterable<Uint8Array>) yield chunk
    await feeding
  } finally {
    // Whatever feeds it is returned with it.
    unpacker.destroy()
  }
}

function bomb(file: string, packing: Packing, packed: number, bytes: number): TrackSyncError {
  const times = Math.floor(bytes / packed)
  const message = `${file} decompresses to more than ${times} times its size, as only a decompression bomb does.`
  return new TrackSyncError('file_packed', message, {
    file,
    came: `more than ${bytes} bytes from ${packed}`,
    next: nextSteps.unpack(file, packing, '-dc'),
  })
}
