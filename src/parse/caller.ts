import { TrackSyncError } from '../model/problem.ts'
import type { Source, Stream } from './source.ts'

/** A source or a stream of the caller, whose own errors are told as what they are: which input broke off, and why. */
export function ofCaller(input: Source | Stream): Source | Stream {
  const { name } = input
  if ('stream' in input) return { name, stream: bytesOf(name, () => input.stream) }
  return { name, chunks: () => bytesOf(name, () => input.chunks()) }
}

type Chunks = AsyncIterable<unknown> | Iterable<unknown>

/** Not a generator: that would be closed no sooner than its source has given one more chunk. */
function bytesOf(name: string, open: () => Chunks): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = iterated(name, open)
      return {
        next: async () => {
          const { done, value } = await step(name, chunks)
          if (done === true) return { done, value: undefined }
          const bytes = toBytes(value)
          if (bytes !== undefined) return { done: false, value: bytes }
          await chunks.return?.()
          throw failed(
            name,
            `yielded a chunk that is not bytes but ${value === null ? 'null' : typeof value}`,
          )
        },
        return: async () => {
          await chunks.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

function iterated(name: string, open: () => Chunks): AsyncIterator<unknown> | Iterator<unknown> {
  try {
    const chunks = open()
    if (Symbol.asyncIterator in chunks) return chunks[Symbol.asyncIterator]()
    return chunks[Symbol.iterator]()
  } catch (error) {
    return brokenOff(name, error)
  }
}

async function step(
  name: string,
  chunks: AsyncIterator<unknown> | Iterator<unknown>,
): Promise<IteratorResult<unknown>> {
  try {
    return await chunks.next()
  } catch (error) {
    return brokenOff(name, error)
  }
}

function toBytes(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array) return chunk
  return typeof chunk === 'string' ? Buffer.from(chunk) : undefined
}

function brokenOff(name: string, error: unknown): never {
  if (error instanceof TrackSyncError) throw error
  const why = error instanceof Error ? error.message : String(error)
  throw failed(name, `failed: ${why.replace(/\.$/, '')}`, error)
}

function failed(name: string, how: string, cause?: unknown): TrackSyncError {
  return new TrackSyncError('input_failed', `${name} ${how}.`, {
    file: name,
    expected: 'bytes up to the end of the input',
    next: 'Check the program that writes it, then start again.',
    ...(cause === undefined ? {} : { cause }),
  })
}
