import { type Slice, Splitter } from './split.ts'

const bom = [0xef, 0xbb, 0xbf]

/** The records of a file in batches, without a byte order mark in front of the first. */
export async function* readSlices(
  chunks: AsyncIterable<Uint8Array>,
  delimiter?: string,
): AsyncGenerator<Slice[], undefined> {
  const splitter = new Splitter(delimiter)
  for await (const chunk of skipBom(chunks)) {
    const slices = splitter.push(chunk)
    if (slices.length > 0) yield slices
  }
  const slices = splitter.end()
  if (slices.length > 0) yield slices
  return undefined
}

/** The chunks, without a byte order mark in front, however the bytes of the mark were cut. */
export async function* skipBom(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < bom.length) continue
    yield withoutBom(head)
    head = undefined
  }
  if (head !== undefined) yield head
}

export function withoutBom(chunk: Uint8Array): Uint8Array {
  return bom.every((byte, i) => chunk[i] === byte) ? chunk.subarray(bom.length) : chunk
}
