import { TrackSyncError } from '../model/problem.ts'
import type { Source, Stream } from './source.ts'

/** A source or stream that the caller passed in. Its own errors are wrapped so that they name the input that failed. */
export function guardInput(input: Source | Stream): Source | Stream {
  const { name } = input
  if ('stream' in input) return { name, stream: guardChunks(name, () => input.stream) }
  return { name, chunks: () => guardChunks(name, () => input.chunks()) }
}

type Chunks = AsyncIterable<unknown> | Iterable<unknown>

/** Not an async generator: closing one waits until its source has yielded another chunk. */
function guardChunks(name: string, open: () => Chunks): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = openIterator(name, open)
      return {
        next: async () => {
          const { done, value } = await readNext(name, chunks)
          if (done === true) return { done, value: undefined }
          const bytes = toBytes(value)
          if (bytes !== undefined) return { done: false, value: bytes }
          await chunks.return?.()
          throw inputFailed(
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

function openIterator(name: string, open: () => Chunks): AsyncIterator<unknown> | Iterator<unknown> {
  try {
    const chunks = open()
    if (Symbol.asyncIterator in chunks) return chunks[Symbol.asyncIterator]()
    return chunks[Symbol.iterator]()
  } catch (error) {
    return rethrow(name, error)
  }
}

async function readNext(
  name: string,
  chunks: AsyncIterator<unknown> | Iterator<unknown>,
): Promise<IteratorResult<unknown>> {
  try {
    return await chunks.next()
  } catch (error) {
    return rethrow(name, error)
  }
}

function toBytes(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array) return chunk
  return typeof chunk === 'string' ? Buffer.from(chunk) : undefined
}

function rethrow(name: string, error: unknown): never {
  if (error instanceof TrackSyncError) throw error
  const reason = error instanceof Error ? error.message : String(error)
  throw inputFailed(name, `failed: ${reason.replace(/\.$/, '')}`, error)
}

function inputFailed(name: string, how: string, cause?: unknown): TrackSyncError {
  return new TrackSyncError('input_failed', `${name} ${how}.`, {
    file: name,
    expected: 'bytes up to the end of the input',
    next: 'Check the program that writes it, then start again.',
    ...(cause === undefined ? {} : { cause }),
  })
}
