import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './export-index.ts'

/** Bytes that are gathered before they are written. */
const bytesAtOnce = 1024 * 1024
/** Files that stay open; a process may have some hundreds, an export thousands. */
const openMax = 64

/**
 * The bytes of an export's users. What lies in a file as it is stays there; what was packed, or was part of something
 * else, is copied into one file of its own, which has the number 0.
 */
export class ExportBytes {
  readonly #copy: FileHandle
  readonly #paths: string[]
  readonly #open = new Map<number, Promise<FileHandle>>()
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #written = 0

  constructor(copy: FileHandle, path: string) {
    this.#copy = copy
    this.#paths = [path]
  }

  /** The number of a file whose users stay in it. */
  addFile(path: string): number {
    return this.#paths.push(path) - 1
  }

  /** Copies the bytes of a user; they are on disk after `flush`. */
  add(bytes: Uint8Array): Place {
    const at = this.#written + this.#pendingBytes
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    return { file: 0, at, bytes: bytes.length }
  }

  /** Writes what is pending once it is worth a write, or at the end. */
  async flush(isLast = false): Promise<void> {
    if (this.#pendingBytes === 0 || (this.#pendingBytes < bytesAtOnce && !isLast)) return
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    for (let at = 0; at < bytes.length; ) at += (await this.#copy.write(bytes, at)).bytesWritten
    this.#written += bytes.length
  }

  /** The bytes of a user; fewer where the file has been cut since. */
  async read(place: Place): Promise<Buffer> {
    const kept = place.file === 0 ? this.#copy : await this.#keptOpen(place.file)
    if (kept !== undefined) return await readFrom(kept, place)
    const file = await open(this.#paths[place.file] ?? '')
    try {
      return await readFrom(file, place)
    } finally {
      await file.close()
    }
  }

  async close(): Promise<void> {
    const opened = [...this.#open.values()]
    this.#open.clear()
    await Promise.allSettled([this.#copy.close(), ...opened.map(async file => await (await file).close())])
  }

  /** The open file, opened when its first user is read; undefined for one that does not stay open. */
  #keptOpen(number: number): Promise<FileHandle> | undefined {
    const known = this.#open.get(number)
    if (known !== undefined || this.#open.size >= openMax) return known
    const opening = open(this.#paths[number] ?? '')
    this.#open.set(number, opening)
    return opening
  }
}

async function readFrom(file: FileHandle, { at, bytes }: Place): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  let read = 0
  while (read < bytes) {
    const { bytesRead } = await file.read(buffer, read, bytes - read, at + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return buffer.subarray(0, read)
}

/** Makes the copy in the folder, a file that only its owner may read. */
export async function createBytes(folder: string): Promise<ExportBytes> {
  const path = join(folder, 'users.ndjson')
  return new ExportBytes(await open(path, 'wx+', 0o600), path)
}
