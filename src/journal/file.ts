import { ftruncateSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Entry } from './entry.ts'

/** The journal of a run under way. */
export interface Journal {
  /** Adds a line. It is handed to the system in the same turn, and survives the end of this process from then on. */
  write: (entry: Entry) => void
  /** Resolves when every line so far is on the disk, and survives the end of the machine. */
  durable: () => Promise<void>
  close: () => Promise<void>
}

/** Starts the journal of a new run; one that exists is never overwritten. `failed` is called once it cannot be written. */
export async function createJournal(path: string, failed: (error: Error) => void): Promise<Journal> {
  const file = await open(path, 'wx', 0o600)
  await syncFolder(dirname(path))
  return new JournalFile(file, 0, failed)
}

/** Goes on with a journal behind its last whole line; what a crash tore is cut off. Only who holds the run's lock may. */
export async function reopenJournal(
  path: string,
  wholeBytes: number,
  failed: (error: Error) => void,
): Promise<Journal> {
  const file = await open(path, 'r+')
  await file.truncate(wholeBytes)
  return new JournalFile(file, wholeBytes, failed)
}

/** Lines kept for another try where the disk is full; beyond them the run is as one that was killed. */
const linesKeptMax = 10_000

/**
 * All lines of one turn of the event loop are one write, and all who wait for durability wait for one sync: fifty
 * requests in flight cost little more than one.
 */
class JournalFile implements Journal {
  readonly #file: FileHandle
  readonly #failed: (error: Error) => void
  /** Bytes of whole lines that are in the file. */
  #bytes: number
  #lines: string[] = []
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = []
  #isScheduled = false
  #isSyncing = false
  /** Whether the disk took all it was asked to keep; what it refused once may not be there, whatever it says later. */
  #isSynced = true
  #failure: Error | null = null

  constructor(file: FileHandle, bytes: number, failed: (error: Error) => void) {
    this.#file = file
    this.#bytes = bytes
    this.#failed = failed
  }

  write(entry: Entry): void {
    if (this.#failure === null || this.#lines.length < linesKeptMax)
      this.#lines.push(`${JSON.stringify(entry)}\n`)
    this.#schedule()
  }

  durable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#schedule()
    })
  }

  /** What could not be written is tried once more: there may be room again. */
  async close(): Promise<void> {
    const mayFit = this.#lines.length > 0 && this.#lines.length < linesKeptMax
    if (mayFit && this.#isSynced) this.#failure = null
    try {
      await this.durable()
    } finally {
      await this.#file.close()
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // One turn of the event loop gathers what is about to be written anyway.
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
      if (this.#waiters.length > 0 && !this.#isSyncing) void this.#sync()
    })
  }

  /** A batch is in the file whole or not at all, so that whatever comes later never follows half a line. */
  #flush(): void {
    if (this.#failure !== null || this.#lines.length === 0) return
    const bytes = Buffer.from(this.#lines.join(''))
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.#file.fd, bytes, at, bytes.length - at, this.#bytes + at)
      this.#bytes += bytes.length
      this.#lines = []
    } catch (error) {
      this.#fail(error)
      cut(this.#file.fd, this.#bytes)
    }
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true
    const waiters = this.#waiters.splice(0)
    try {
      if (this.#failure !== null) throw this.#failure
      await this.#file.datasync().catch((error: unknown) => {
        this.#isSynced = false
        throw error
      })
      for (const { resolve } of waiters) resolve()
    } catch (error) {
      this.#fail(error)
      for (const { reject } of waiters) reject(this.#failure)
    }
    this.#isSyncing = false
    if (this.#waiters.length > 0) this.#schedule()
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    const { code, message } = error as NodeJS.ErrnoException
    this.#failure = Object.assign(new Error(`The journal cannot be written: ${message}`), { code })
    this.#failed(this.#failure)
  }
}

/** Where even this fails, half a line stays at the end, as after a crash. */
function cut(fd: number, bytes: number): void {
  try {
    ftruncateSync(fd, bytes)
  } catch {
    return
  }
}

/** A new file is safe from the end of the machine only when its folder is. Not every system knows how. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}
