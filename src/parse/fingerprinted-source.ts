import { createHash } from 'node:crypto'
import { TrackSyncError } from '../model/problem.ts'
import type { Fingerprint, Source, Stream } from './source.ts'

/** Wraps any input, so that a second reading is verified. A stream can only be read once. */
export function fingerprinted(source: Source | Stream): FingerprintedSource {
  if (source instanceof FingerprintedSource) return source
  return new FingerprintedSource(
    'stream' in source ? { name: source.name, chunks: () => source.stream } : source,
  )
}

/** Bytes between two verifications: nothing is yielded from a later reading before its whole block is verified. */
const blockBytes = 1024 * 1024

/**
 * A source that a run reads more than once. The first complete reading is fingerprinted block by block; later ones
 * yield exactly the same bytes, or throw `file_changed` before the first block that differs. Bytes appended since are
 * ignored.
 */
export class FingerprintedSource implements Source {
  readonly name: string
  readonly #source: Source
  /**
   * The first 48 bits of the running digest at the end of each block, so that even a large file needs little memory.
   */
  readonly #blockDigests: number[] = []
  #fingerprint: Fingerprint | undefined

  constructor(source: Source) {
    this.name = source.name
    this.#source = source
  }

  chunks(): AsyncIterable<Uint8Array> {
    return this.#fingerprint === undefined ? this.#readFirst() : this.#readAgain(this.#fingerprint)
  }

  /** The fingerprint of the source, which is read to its end if that has not happened yet. */
  async fingerprint(): Promise<Fingerprint> {
    if (this.#fingerprint === undefined) for await (const _ of this.#readFirst());
    if (this.#fingerprint === undefined)
      throw new Error('A source was read to its end and has no fingerprint.')
    return this.#fingerprint
  }

  async *#readFirst(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    const digests: number[] = []
    let bytes = 0
    for await (const chunk of this.#source.chunks()) {
      for (let at = 0; at < chunk.length; ) {
        const end = Math.min(chunk.length, at + blockBytes - (bytes % blockBytes))
        hash.update(chunk.subarray(at, end))
        bytes += end - at
        at = end
        if (bytes % blockBytes === 0) digests.push(digestSoFar(hash))
      }
      yield chunk
    }
    this.#blockDigests.push(...digests)
    this.#fingerprint = { path: this.name, bytes, sha256: hash.digest('hex') }
  }

  async *#readAgain(fingerprint: Fingerprint): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    let bytes = 0
    let unverified: Uint8Array[] = []
    for await (const chunk of this.#source.chunks()) {
      for (let at = 0; at < chunk.length && bytes < fingerprint.bytes; ) {
        const free = Math.min(fingerprint.bytes - bytes, blockBytes - (bytes % blockBytes))
        const part = chunk.subarray(at, at + free)
        hash.update(part)
        unverified.push(part)
        bytes += part.length
        at += part.length
        if (bytes % blockBytes !== 0) continue
        if (digestSoFar(hash) !== this.#blockDigests[bytes / blockBytes - 1])
          throw this.#changed(bytes - blockBytes)
        yield* unverified
        unverified = []
      }
      if (bytes === fingerprint.bytes) break
    }
    if (bytes < fingerprint.bytes || hash.digest('hex') !== fingerprint.sha256) {
      throw this.#changed(bytes - (bytes % blockBytes), bytes < fingerprint.bytes ? bytes : undefined)
    }
    yield* unverified
  }

  #changed(from: number, cutToBytes?: number): TrackSyncError {
    const how =
      cutToBytes === undefined
        ? `changed beyond byte ${from} after it was planned`
        : `was truncated to ${cutToBytes} bytes after it was planned`
    return new TrackSyncError('file_changed', `${this.name} ${how}.`, {
      file: this.name,
      expected: 'the bytes that were planned',
      next: 'Restore the file and resume the run, or start a new one with --skip-unchanged.',
    })
  }
}

function digestSoFar(hash: ReturnType<typeof createHash>): number {
  return hash.copy().digest().readUIntBE(0, 6)
}
