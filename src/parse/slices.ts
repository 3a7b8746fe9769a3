import type { Text } from './decode.ts'
import type { Codec } from './encoding.ts'
import { recordBytesMax, type Slice, Splitter } from './record-splitter.ts'
import { span } from './units.ts'

/** The records of a file in batches: those that came together. Without a delimiter a line is a record. */
export async function* readSlices(
  { chunks, codec, before }: Text,
  delimiter?: string,
): AsyncGenerator<Slice[], undefined> {
  const splitter = new Splitter(delimiter, recordBytesMax / codec.unit, before)
  for await (const chunk of chunks) {
    const slices = splitter.push(chunk)
    if (slices.length > 0) yield slices
  }
  const slices = splitter.end()
  if (slices.length > 0) yield slices
  return undefined
}

/** Tells of the records of one batch whether they are what the encoding says: one look, because most files are. */
export function soundIn(slices: readonly Slice[], codec: Codec): (slice: Slice) => boolean {
  const whole = slices.filter(({ broken }) => broken?.as !== 'too_large')
  const [first, last] = [whole[0], whole.at(-1)]
  const areAll = first === undefined || last === undefined || codec.isSound(span(first.raw, last.raw))
  return ({ raw }) => areAll || codec.isSound(raw)
}
