/** Enough for a whole header line, also when a pipe delivers a few bytes at a time. */
const headBytes = 64 * 1024

/** The beginning of an input, and the whole input including that beginning. */
export interface InputHead {
  head: Buffer
  /** Whether the head is the whole input. */
  isComplete: boolean
  chunks: AsyncGenerator<Uint8Array>
  /** Closes the input if it will not be read. */
  close: () => Promise<void>
}

/** Reads the beginning of an input without consuming it. */
export async function readHead(input: AsyncIterable<Uint8Array>): Promise<InputHead> {
  const iterator = input[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let bytes = 0
  let isComplete = false
  while (bytes < headBytes && !isComplete) {
    const next = await iterator.next()
    isComplete = next.done === true
    if (next.done === true) break
    read.push(next.value)
    bytes += next.value.length
  }
  const head = Buffer.concat(read)
  const close = async () => void (await iterator.return?.())
  async function* chunks() {
    try {
      if (head.length > 0) yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value
    } finally {
      await close()
    }
  }
  return { head, isComplete, chunks: chunks(), close }
}
