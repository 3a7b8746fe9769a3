/** Starts a frame of data. Source: RFC 8878, 3.1.1. */
const frameMagic = 0xfd2fb528
/** Starts a frame to skip; its last four bits are arbitrary. Source: RFC 8878, 3.1.2. */
const skippableMagic = 0x184d2a50
/** A block that is stored as one repeated byte. */
const repeatedByteType = 1
const reservedType = 3

export function isZstd(head: Buffer): boolean {
  return head.length >= 4 && (head.readUInt32LE() === frameMagic || isSkippable(head))
}

/**
 * The frames of a zstd file; each must be read to its end before the next. We find their ends ourselves because Node
 * does not report them reliably: depending on its version, the decompressor accepts a truncated frame, and fails on or
 * ignores whatever follows the first one.
 */
export async function* zstdFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<AsyncGenerator<Uint8Array>> {
  const reader = new ByteReader(chunks)
  try {
    for (let magic = await reader.readUpTo(4); magic.length > 0; magic = await reader.readUpTo(4)) {
      if (magic.length < 4) throw unexpectedEnd()
      if (magic.readUInt32LE() === frameMagic) yield frame(reader, magic)
      else if (isSkippable(magic)) await skip(reader)
      else throw new Error('something else follows the compressed data')
    }
  } finally {
    await reader.close()
  }
}

/** Source: RFC 8878, 3.1.1.1 (the header) and 3.1.1.2 (the blocks). */
async function* frame(reader: ByteReader, magic: Buffer): AsyncGenerator<Uint8Array> {
  const first = await reader.read(1)
  const descriptor = first[0] ?? 0
  const isSingleSegment = (descriptor & 0x20) !== 0
  const windowBytes = isSingleSegment ? 0 : 1
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  yield magic
  yield first
  yield await reader.read(windowBytes + dictionaryBytes + sizeBytes)
  for (let isLast = false; !isLast; ) {
    const header = await reader.read(3)
    const [type, size] = [((header[0] ?? 0) >> 1) & 3, header.readUIntLE(0, 3) >> 3]
    if (type === reservedType) throw new Error('a block has an unknown type')
    isLast = ((header[0] ?? 0) & 1) === 1
    yield header
    yield* reader.stream(type === repeatedByteType ? 1 : size)
  }
  const hasChecksum = (descriptor & 4) !== 0
  if (hasChecksum) yield await reader.read(4)
}

async function skip(reader: ByteReader): Promise<void> {
  const size = (await reader.read(4)).readUInt32LE()
  for await (const _ of reader.stream(size));
}

function isSkippable(head: Buffer): boolean {
  return (head.readUInt32LE() & ~0xf) === skippableMagic
}

function unexpectedEnd(): Error {
  return new Error('unexpected end of file')
}

/** Reads a given number of bytes from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Returns fewer bytes only at the end of the file. */
  async readUpTo(count: number): Promise<Buffer> {
    while (this.#buffer.length < count && (await this.#fill()));
    return this.#take(count)
  }

  async read(count: number): Promise<Buffer> {
    const bytes = await this.readUpTo(count)
    if (bytes.length < count) throw unexpectedEnd()
    return bytes
  }

  /** Yields the next `count` bytes as they arrive, without buffering them. */
  async *stream(count: number): AsyncGenerator<Buffer> {
    for (let remaining = count; remaining > 0; ) {
      if (this.#buffer.length === 0 && !(await this.#fill())) throw unexpectedEnd()
      const bytes = this.#take(remaining)
      remaining -= bytes.length
      yield bytes
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #take(count: number): Buffer {
    const bytes = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(bytes.length)
    return bytes
  }

  async #fill(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done !== true) this.#buffer = Buffer.concat([this.#buffer, next.value])
    return next.done !== true
  }
}
