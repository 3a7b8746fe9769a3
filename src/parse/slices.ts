import { type Slice, Splitter } from './split.ts'

const bom = [0xef, 0xbb, 0xbf]

/** The records of a file in batches, without a byte order mark in front of the first. */
export async function* readSlices(
  chunks: AsyncIterable<Uint8Array>,
  delimiter?: string,
): AsyncGenerator<Slice[], undefined> {
  const splitter = new Splitter(delimiter)
  let first = true
  for await (const chunk of chunks) {
    const slices = splitter.push(first ? withoutBom(chunk) : chunk)
    first = false
    if (slices.length > 0) yield slices
  }
  const slices = splitter.end()
  if (slices.length > 0) yield slices
  return undefined
}

export function withoutBom(chunk: Uint8Array): Uint8Array {
  return bom.every((byte, i) => chunk[i] === byte) ? chunk.subarray(bom.length) : chunk
}
