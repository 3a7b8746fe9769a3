import { type BigIntStats, fstatSync, ftruncateSync, readlinkSync, statSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, resolve as absolute } from 'node:path'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { seal } from './checksum.ts'
import type { Entry } from './entry.ts'
import { journalStart, type Point } from './line.ts'

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
  return await owned(file, async () => {
    await syncFolder(dirname(path))
    return new JournalFile(file, path, journalStart, failed)
  })
}

/** Goes on with a journal behind its last whole line; what a crash tore is cut off. Only who holds the run's lock may. */
export async function reopenJournal(
  path: string,
  whole: Point,
  failed: (error: Error) => void,
): Promise<Journal> {
  const file = await open(path, 'r+')
  return await owned(file, async () => {
    await file.truncate(whole.byte)
    return new JournalFile(file, path, whole, failed)
  })
}

/** A file that nobody comes to own is closed. */
async function owned(file: FileHandle, hand: () => Promise<Journal>): Promise<Journal> {
  try {
    return await hand()
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Lines kept for another try where the disk is full; beyond them the run is as one that was killed. */
const linesKeptMax = 10_000

/**
 * All lines of one turn of the event loop are one write, and all who wait for durability wait for one sync: fifty
 * requests in flight cost little more than one.
 */
class JournalFile implements Journal {
  readonly #file: FileHandle
  readonly #path: string
  readonly #failed: (error: Error) => void
  /** Bytes of whole lines that are in the file. */
  #bytes: number
  /** The running checksum of all lines so far, those that wait included. */
  #chain: number
  #lines: string[] = []
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = []
  #isScheduled = false
  #isSyncing = false
  /** Whether the disk took all it was asked to keep; what it refused once may not be there, whatever it says later. */
  #isSynced = true
  #failure: Error | null = null
  /** The file is not the run's journal any more. Lines are still written to it: if it was only moved, it is whole there. */
  #gone: TrackSyncError | null = null

  constructor(file: FileHandle, path: string, { byte, chain }: Point, failed: (error: Error) => void) {
    this.#file = file
    this.#path = absolute(path)
    this.#bytes = byte
    this.#chain = chain
    this.#failed = failed
  }

  write(entry: Entry): void {
    if (this.#failure === null || this.#lines.length < linesKeptMax) {
      const { line, chain } = seal(JSON.stringify(entry), this.#chain)
      this.#lines.push(line)
      this.#chain = chain
    }
    this.#schedule()
  }

  durable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#schedule()
    })
  }

  /** What could not be written is retried: there may be room again. */
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
      this.#look()
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
      // Checked again, because the disk takes its time: a request leaves as soon as its line is known to be there.
      this.#look()
      if (this.#gone !== null) throw this.#gone
      for (const { resolve } of waiters) resolve()
    } catch (error) {
      if (error !== this.#gone) this.#fail(error)
      for (const { reject } of waiters) reject(this.#failure ?? this.#gone)
    }
    this.#isSyncing = false
    if (this.#waiters.length > 0) this.#schedule()
  }

  /** Stops the run where its journal cannot be found any more: nobody could resume it, or say what was sent. */
  #look(): void {
    if (this.#gone !== null) return
    const own = fstatSync(this.#file.fd, { bigint: true })
    const found = statOf(this.#path)
    if (found === 'unknown' || (found?.ino === own.ino && found.dev === own.dev)) return
    this.#gone = gone(this.#path, own, this.#file.fd)
    this.#failed(this.#gone)
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    const { code, message } = error as NodeJS.ErrnoException
    this.#failure = Object.assign(new Error(`The journal cannot be written: ${message}`), { code })
    this.#failed(this.#failure)
  }
}

/** What lies at a path, if anything does. */
function statOf(path: string): BigIntStats | undefined | 'unknown' {
  try {
    return statSync(path, { bigint: true })
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return ['ENOENT', 'ENOTDIR', 'ESTALE'].includes(code) ? undefined : 'unknown'
  }
}

/** What became of a journal that does not lie where it was. */
function gone(path: string, { nlink }: BigIntStats, fd: number): TrackSyncError {
  if (nlink === 0n) {
    const message = `${path} was deleted during the run. Nothing more is sent, and there is no record of what was sent.`
    const next = 'Look at the profiles before you send these rows again; some of them may have been applied.'
    return new TrackSyncError('run_gone', message, { file: path, expected: 'the journal of the run', next })
  }
  const now = nowAt(fd)
  const where = now === undefined ? 'where its folder lies now' : now
  const message = `${path} was moved during the run. Nothing more is sent; what was sent is recorded in ${where}.`
  const next =
    now === undefined
      ? nextSteps.goOn(dirname(path), {}, 'Put the folder back where it was; then resume.')
      : nextSteps.goOn(dirname(now))
  return new TrackSyncError('run_gone', message, { file: path, expected: 'the journal of the run', next })
}

/** The path of an open file; undefined where the system does not say. */
function nowAt(fd: number): string | undefined {
  try {
    const path = readlinkSync(`/proc/self/fd/${fd}`)
    return path.endsWith(' (deleted)') ? undefined : path
  } catch {
    return undefined
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
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close().catch(() => {})
}
