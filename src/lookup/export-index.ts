import { hash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import sqlite from 'node-sqlite3-wasm'

/** Where the bytes of a user lie. */
export interface Place {
  /** The number of the file, as `ExportBytes` counts them. */
  file: number
  at: number
  bytes: number
}

/** A user under a key, counted from 0 in the order of the export. */
export interface Entry extends Place {
  user: number
}

export interface IndexOptions {
  /** Keys that are sorted in memory before they go to the disk, at 12 bytes each; at most the default, 2^20. */
  keysInMemory?: number
}

/** Makes an empty index in the folder, in files of its own that only their owner may read. */
export async function createIndex(folder: string, options: IndexOptions = {}): Promise<ExportIndex> {
  const [path, runsPath] = [join(folder, 'index.db'), join(folder, 'runs.db')]
  // SQLite would make them readable for all.
  for (const each of [path, runsPath]) await (await open(each, 'wx', 0o600)).close()
  return new ExportIndex(path, runsPath, options)
}

/** A key is kept as 44 bits of its digest: whoever finds a user by it compares the identifiers. */
const keySpan = 2 ** 44
const slotBits = 20
/** Keys that one statement merges: it takes some hundredths of a second, and nothing else happens meanwhile. */
const keysPerSlice = 2 ** 15

/**
 * Which users of an export have a key, on disk. SQLite in WebAssembly sorts in memory, which a large export would
 * exceed; so runs of sorted keys are written as they come, and merged in the end, one slice of all possible keys after
 * the other.
 */
export class ExportIndex {
  readonly #database: sqlite.Database
  readonly #runsPath: string
  readonly #places: Insert
  readonly #runs: Insert
  readonly #find: sqlite.Statement
  /** Keys above, their slots in `#owners` below, so that the numbers sort by key. */
  readonly #sortable: BigUint64Array
  readonly #halves: Uint32Array
  readonly #owners: Uint32Array
  #users = 0
  #keys = 0
  #allKeys = 0
  #runsWritten = 0

  constructor(path: string, runsPath: string, { keysInMemory = 2 ** slotBits }: IndexOptions) {
    this.#sortable = new BigUint64Array(keysInMemory)
    this.#halves = new Uint32Array(this.#sortable.buffer)
    this.#owners = new Uint32Array(keysInMemory)
    this.#runsPath = runsPath
    this.#database = new sqlite.Database(path)
    this.#database.exec(`
      ${pragmas('main')}
      ATTACH ${quoted(runsPath)} AS runs;
      ${pragmas('runs')}
      CREATE TABLE place (user INTEGER PRIMARY KEY, file INTEGER, at INTEGER, bytes INTEGER);
      CREATE TABLE entry (key INTEGER, user INTEGER, PRIMARY KEY (key, user)) WITHOUT ROWID;
      CREATE TABLE runs.run (run INTEGER, key INTEGER, user INTEGER, PRIMARY KEY (run, key, user)) WITHOUT ROWID;
      BEGIN`)
    this.#places = new Insert(this.#database, 'place', 4)
    this.#runs = new Insert(this.#database, 'runs.run', 3)
    this.#find = this.#database.prepare(
      'SELECT user, file, at, bytes FROM entry JOIN place USING (user) WHERE key = ? ORDER BY user DESC LIMIT ?',
    )
  }

  /** Adds the next user. */
  add(keys: readonly string[], { file, at, bytes }: Place): void {
    this.#places.add(this.#users, file, at, bytes)
    for (const key of new Set(keys)) {
      const number = numberOf(key)
      this.#halves[this.#keys * 2] = ((number % 2 ** 12) * 2 ** slotBits + this.#keys) >>> 0
      this.#halves[this.#keys * 2 + 1] = Math.floor(number / 2 ** 12)
      this.#owners[this.#keys++] = this.#users
      if (this.#keys === this.#sortable.length) this.#writeRun()
    }
    this.#users++
  }

  /** Makes what was added findable. Once the signal is aborted it throws the signal's reason. */
  async finish(signal?: AbortSignal): Promise<void> {
    this.#writeRun()
    this.#places.flush()
    this.#database.exec('COMMIT; BEGIN')
    const runs = Array.from({ length: this.#runsWritten }, (_, run) => run)
    const merge = this.#database.prepare(
      `INSERT INTO entry SELECT key, user FROM runs.run WHERE run IN (${runs.join()}) AND key >= ? AND key < ? ORDER BY key, user`,
    )
    try {
      const slices = Math.ceil(this.#allKeys / keysPerSlice)
      for (let slice = 0; slice < slices; slice++) {
        signal?.throwIfAborted()
        merge.run([slice, slice + 1].map(edge => Math.floor((keySpan * edge) / slices)))
        await setImmediate()
      }
    } finally {
      merge.finalize()
      this.#runs.close()
      this.#places.close()
    }
    this.#database.exec('COMMIT; DETACH runs')
    await rm(this.#runsPath)
  }

  /** At most so many users that may have the key, the latest first: some may only have the same number. */
  find(key: string, max: number): Entry[] {
    return this.#find.all([numberOf(key), max]).map(({ user, file, at, bytes }) => ({
      user: Number(user),
      file: Number(file),
      at: Number(at),
      bytes: Number(bytes),
    }))
  }

  /** Its files are left to whoever removes the folder. */
  close(): void {
    this.#runs.close()
    this.#places.close()
    this.#find.finalize()
    this.#database.close()
  }

  #writeRun(): void {
    const [keys, halves] = [this.#keys, this.#halves]
    this.#sortable.subarray(0, keys).sort()
    for (let i = 0; i < keys; i++) {
      const [low = 0, high = 0] = [halves[i * 2], halves[i * 2 + 1]]
      const owner = this.#owners[low % 2 ** slotBits] ?? 0
      this.#runs.add(this.#runsWritten, high * 2 ** 12 + Math.floor(low / 2 ** slotBits), owner)
    }
    this.#runs.flush()
    this.#allKeys += keys
    this.#keys = 0
    this.#runsWritten++
  }
}

/** Rows that one statement inserts: to enter WebAssembly costs more than a row. */
const rowsAtOnce = 100

/** Inserts rows of integers, many at a time. */
class Insert {
  readonly #many: sqlite.Statement
  readonly #one: sqlite.Statement
  readonly #columns: number
  #values: number[] = []

  constructor(database: sqlite.Database, table: string, columns: number) {
    const row = `(${'?'.repeat(columns).split('').join()})`
    const insert = (rows: number) =>
      database.prepare(`INSERT INTO ${table} VALUES ${Array.from({ length: rows }, () => row).join()}`)
    this.#columns = columns
    this.#one = insert(1)
    this.#many = insert(rowsAtOnce)
  }

  add(...values: number[]): void {
    this.#values.push(...values)
    if (this.#values.length < rowsAtOnce * this.#columns) return
    this.#many.run(this.#values)
    this.#values = []
  }

  flush(): void {
    for (let at = 0; at < this.#values.length; at += this.#columns)
      this.#one.run(this.#values.slice(at, at + this.#columns))
    this.#values = []
  }

  close(): void {
    for (const statement of [this.#one, this.#many]) if (!statement.isFinalized) statement.finalize()
  }
}

/** The index is made once and lost with the process: nothing need be undone, shared, or survive a crash. */
function pragmas(database: string): string {
  return `PRAGMA ${database}.journal_mode = OFF; PRAGMA ${database}.synchronous = OFF;
    PRAGMA ${database}.locking_mode = EXCLUSIVE; PRAGMA ${database}.cache_size = -16000;`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function numberOf(key: string): number {
  return hash('sha256', key, 'buffer').readUIntBE(0, 6) % keySpan
}
