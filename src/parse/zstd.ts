/** Begins a frame of data. Source: RFC 8878, 3.1.1. */
const frameMagic = 0xfd2fb528
/** Begins a frame that holds nothing for us: the last four bits are free. Source: RFC 8878, 3.1.2. */
const skippableMagic = 0x184d2a50
/** A block that is one byte, so many times. */
const repeatedByte = 1
const reservedType = 3

export function isZstd(head: Buffer): boolean {
  return head.length >= 4 && (head.readUInt32LE() === frameMagic || isSkippable(head))
}

/**
 * The frames of a zstd file, one after the other; each is to be read to its end before the next. Where a frame ends is
 * told here, because Node does not: by version, its decompressor takes a frame that was cut for a whole one, and breaks
 * off or keeps silent about what follows the first.
 */
export async function* zstdFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<AsyncGenerator<Uint8Array>> {
  const bytes = new Bytes(chunks)
  try {
    for (let magic = await bytes.atMost(4); magic.length > 0; magic = await bytes.atMost(4)) {
      if (magic.length < 4) throw endsEarly()
      if (magic.readUInt32LE() === frameMagic) yield frame(bytes, magic)
      else if (isSkippable(magic)) await skip(bytes)
      else throw new Error('something else follows the compressed data')
    }
  } finally {
    await bytes.close()
  }
}

/** Source: RFC 8878, 3.1.1.1 (the header) and 3.1.1.2 (the blocks). */
async function* frame(bytes: Bytes, magic: Buffer): AsyncGenerator<Uint8Array> {
  const first = await bytes.exactly(1)
  const descriptor = first[0] ?? 0
  const isSingleSegment = (descriptor & 0x20) !== 0
  const windowBytes = isSingleSegment ? 0 : 1
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  yield magic
  yield first
  yield await bytes.exactly(windowBytes + dictionaryBytes + sizeBytes)
  for (let isLast = false; !isLast; ) {
    const header = await bytes.exactly(3)
    const [type, size] = [((header[0] ?? 0) >> 1) & 3, header.readUIntLE(0, 3) >> 3]
    if (type === reservedType) throw new Error('a block has an unknown type')
    isLast = ((header[0] ?? 0) & 1) === 1
    yield header
    yield* bytes.pass(type === repeatedByte ? 1 : size)
  }
  const hasChecksum = (descriptor & 4) !== 0
  if (hasChecksum) yield await bytes.exactly(4)
}

async function skip(bytes: Bytes): Promise<void> {
  const size = (await bytes.exactly(4)).readUInt32LE()
  for await (const _ of bytes.pass(size));
}

function isSkippable(head: Buffer): boolean {
  return (head.readUInt32LE() & ~0xf) === skippableMagic
}

function endsEarly(): Error {
  return new Error('unexpected end of file')
}

/** Bytes that come in pieces, taken by the number. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Fewer only where the file ends. */
  async atMost(count: number): Promise<Buffer> {
    while (this.#rest.length < count && (await this.#more()));
    return this.#take(count)
  }

  async exactly(count: number): Promise<Buffer> {
    const taken = await this.atMost(count)
    if (taken.length < count) throw endsEarly()
    return taken
  }

  /** So many bytes as they come; none of them is kept. */
  async *pass(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw endsEarly()
      const piece = this.#take(left)
      left -= piece.length
      yield piece
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done !== true) this.#rest = Buffer.concat([this.#rest, next.value])
    return next.done !== true
  }
}
