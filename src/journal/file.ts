import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isJsonObject } from '../model/json.ts'
import { TrackSyncError } from '../model/problem.ts'
import { type Entry, journalVersion } from './entry.ts'

/** The journal of a run under way. */
export interface Journal {
  /** Adds a line. It is handed to the system at once and survives the end of this process, however that comes. */
  write: (entry: Entry) => void
  /** Resolves when every line so far is on the disk, and survives the end of the machine. */
  durable: () => Promise<void>
  close: () => Promise<void>
}

/** Starts the journal of a new run; one that exists is never overwritten. */
export async function createJournal(path: string): Promise<Journal> {
  return new JournalFile(await open(path, 'ax', 0o600))
}

/**
 * Lines written while the disk is busy go out together, and all who wait for durability wait for one sync: fifty
 * requests in flight cost little more than one.
 */
class JournalFile implements Journal {
  readonly #file: FileHandle
  #lines: string[] = []
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = []
  #writing = false
  #failure: Error | null = null

  constructor(file: FileHandle) {
    this.#file = file
  }

  write(entry: Entry): void {
    this.#lines.push(`${JSON.stringify(entry)}\n`)
    this.#start()
  }

  durable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#start()
    })
  }

  async close(): Promise<void> {
    try {
      await this.durable()
    } finally {
      await this.#file.close()
    }
  }

  #start(): void {
    if (this.#writing) return
    this.#writing = true
    void this.#drain()
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0 || this.#waiters.length > 0) {
      // One turn of the event loop gathers what is about to be written anyway.
      await new Promise(resolve => setImmediate(resolve))
      const lines = this.#lines.splice(0).join('')
      const waiters = this.#waiters.splice(0)
      try {
        if (this.#failure !== null) throw this.#failure
        if (lines !== '') await this.#file.appendFile(lines)
        if (waiters.length > 0) await this.#file.datasync()
        for (const { resolve } of waiters) resolve()
      } catch (error) {
        this.#failure ??= new Error(`The journal cannot be written: ${(error as Error).message}`)
        for (const { reject } of waiters) reject(this.#failure)
      }
    }
    // In the same breath as the last look at the lines: one that comes later starts anew.
    this.#writing = false
  }
}

/** The lines of a journal, in order. A torn last line is what a crash leaves behind, and is passed over. */
export async function* readJournal(path: string): AsyncGenerator<Entry> {
  let number = 0
  for await (const line of completeLines(path)) {
    number++
    const entry = parseLine(line)
    if (entry === undefined) {
      throw new TrackSyncError('run_unreadable', `${path}, line ${number}: the line is not a JSON object.`, {
        file: path,
        line: number,
      })
    }
    if (entry.t === 'run' && entry.journal > journalVersion) {
      const message = `${path} was written by track-sync ${entry.version}, which is newer than this one.`
      throw new TrackSyncError('run_unreadable', message, { file: path, next: 'Install the newer version.' })
    }
    yield entry
  }
}

function parseLine(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as unknown
    return isJsonObject(entry) ? (entry as unknown as Entry) : undefined
  } catch {
    return undefined
  }
}

async function* completeLines(path: string): AsyncGenerator<string> {
  let rest: Buffer[] = []
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end)]).toString()
      rest = []
      from = end + 1
    }
    rest.push(chunk.subarray(from))
  }
}
