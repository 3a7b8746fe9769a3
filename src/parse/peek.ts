/** Enough to see a header line whole, also where a pipe delivers a few bytes at a time. */
const headBytes = 64 * 1024

/** The beginning of some bytes, and all of them with that in front. */
export interface Peeked {
  head: Buffer
  /** Whether the head is all there is. */
  isAll: boolean
  all: AsyncGenerator<Uint8Array>
  /** Lets go of the bytes where nobody is going to read them. */
  close: () => Promise<void>
}

/** Looks at the beginning of bytes without taking it away. */
export async function peek(chunks: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let bytes = 0
  let isAll = false
  while (bytes < headBytes && !isAll) {
    const next = await iterator.next()
    isAll = next.done === true
    if (next.done === true) break
    first.push(next.value)
    bytes += next.value.length
  }
  const head = Buffer.concat(first)
  const close = async () => void (await iterator.return?.())
  async function* all() {
    try {
      if (head.length > 0) yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value
    } finally {
      await close()
    }
  }
  return { head, isAll, all: all(), close }
}
