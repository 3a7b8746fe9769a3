import { createHash } from 'node:crypto'
import { TrackSyncError } from '../model/problem.ts'
import type { Fingerprint, Source, Stream } from './source.ts'

/** Anything that can be read, under a seal. A stream can be read once and no more. */
export function sealed(source: Source | Stream): Sealed {
  if (source instanceof Sealed) return source
  return new Sealed('stream' in source ? { name: source.name, chunks: () => source.stream } : source)
}

/** Bytes between two looks at the seal: what is handed over of a later reading is known to be what the first one saw. */
const blockBytes = 1024 * 1024

/**
 * A source that a run reads more than once. The first whole reading is remembered, block by block; a later one hands
 * over the very same bytes, or ends with `file_changed` before the first byte that differs. What was added behind them
 * since is not read.
 */
export class Sealed implements Source {
  readonly name: string
  readonly #source: Source
  /** The first bytes of the digest at each block's end: 48 bits of each, so that a large file needs little. */
  readonly #blocks: number[] = []
  #seal: Fingerprint | undefined

  constructor(source: Source) {
    this.name = source.name
    this.#source = source
  }

  chunks(): AsyncIterable<Uint8Array> {
    return this.#seal === undefined ? this.#first() : this.#again(this.#seal)
  }

  /** What the source holds; read to its end for that where nobody has done so yet. */
  async fingerprint(): Promise<Fingerprint> {
    if (this.#seal === undefined) for await (const _ of this.#first());
    if (this.#seal === undefined) throw new Error('A source was read to its end and has no seal.')
    return this.#seal
  }

  async *#first(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    const blocks: number[] = []
    let bytes = 0
    for await (const chunk of this.#source.chunks()) {
      for (let at = 0; at < chunk.length; ) {
        const end = Math.min(chunk.length, at + blockBytes - (bytes % blockBytes))
        hash.update(chunk.subarray(at, end))
        bytes += end - at
        at = end
        if (bytes % blockBytes === 0) blocks.push(mark(hash))
      }
      yield chunk
    }
    this.#blocks.push(...blocks)
    this.#seal = { path: this.name, bytes, sha256: hash.digest('hex') }
  }

  async *#again(seal: Fingerprint): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    let bytes = 0
    let block: Uint8Array[] = []
    for await (const chunk of this.#source.chunks()) {
      for (let at = 0; at < chunk.length && bytes < seal.bytes; ) {
        const room = Math.min(seal.bytes - bytes, blockBytes - (bytes % blockBytes))
        const part = chunk.subarray(at, at + room)
        hash.update(part)
        block.push(part)
        bytes += part.length
        at += part.length
        if (bytes % blockBytes !== 0) continue
        if (mark(hash) !== this.#blocks[bytes / blockBytes - 1]) throw this.#changed(bytes - blockBytes)
        yield* block
        block = []
      }
      if (bytes === seal.bytes) break
    }
    if (bytes < seal.bytes || hash.digest('hex') !== seal.sha256) {
      throw this.#changed(bytes - (bytes % blockBytes), bytes < seal.bytes ? bytes : undefined)
    }
    yield* block
  }

  #changed(from: number, cutTo?: number): TrackSyncError {
    const how =
      cutTo === undefined
        ? `changed beyond byte ${from} after it was planned`
        : `was truncated to ${cutTo} bytes after it was planned`
    return new TrackSyncError('file_changed', `${this.name} ${how}.`, {
      file: this.name,
      expected: 'the bytes that were planned',
      next: 'Restore the file and resume the run, or start a new one with --skip-unchanged.',
    })
  }
}

function mark(hash: ReturnType<typeof createHash>): number {
  return hash.copy().digest().readUIntBE(0, 6)
}
