import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Look, Observation, ProfileSource, Unseen, Wanted } from '../model/observation.ts'
import type { Row } from '../model/row.ts'
import type { UnusableRecord } from '../model/run-facts.ts'
import type { ExportBytes } from './export-bytes.ts'
import type { Entry, ExportIndex } from './export-index.ts'
import { identityOf, keyOfUser, keysOfProfile, usersIn } from './exported-users.ts'
import { chosen } from './precedence.ts'

/** Profiles of an export on disk. */
export interface ExportSource extends ProfileSource {
  /** How many users the export holds; one who is in it twice counts twice. */
  users: number
  /** The records that could not be used, the first of them; their users are missing. */
  problems: readonly UnusableRecord[]
  /** How many such records there are. */
  problemsTotal: number
  /** The fields that any of its users has; another one may not have been exported. */
  fields: ReadonlySet<string>
}

/** Problems that are kept; an export may have millions of them. */
const problemsMax = 100

/** A file of an export. */
export interface ExportFile {
  name: string
  /** The moment at which the export shows its users, in milliseconds since 1970. */
  at: number
  /** The number of the file as `ExportBytes` counts it, if its users stay in it; else they are copied. */
  number: number | null
}

/** Takes in an export, record by record, and then finds its users. */
export class Export implements ExportSource {
  users = 0
  problemsTotal = 0
  readonly problems: UnusableRecord[] = []
  readonly fields = new Set<string>()
  readonly #index: ExportIndex
  readonly #bytes: ExportBytes
  readonly #remove: () => Promise<void>
  /** The first user of each file, and the file. */
  readonly #files: { from: number; file: ExportFile }[] = []
  #closing: Promise<void> | undefined

  /** `remove` deletes what the index and the bytes have left on disk. */
  constructor(index: ExportIndex, bytes: ExportBytes, remove: () => Promise<void>) {
    this.#index = index
    this.#bytes = bytes
    this.#remove = remove
  }

  /** The number of a file whose users stay in it. */
  addFile(path: string): number {
    return this.#bytes.addFile(path)
  }

  /** Takes in the next records of a file; returns how many of them are of an export. */
  async add(rows: readonly Row[], file: ExportFile): Promise<number> {
    if (this.#files.at(-1)?.file !== file) this.#files.push({ from: this.users, file })
    let exported = 0
    for (const row of rows) {
      const { users, isUser, problem } = usersIn(row)
      if (problem !== undefined) this.#addProblem({ file: row.file, line: row.line, message: problem })
      if (problem === undefined || users.length > 0) exported++
      for (const { profile, keys } of users) {
        const bytes = isUser ? row.raw : Buffer.from(JSON.stringify(profile))
        const stays = isUser && file.number !== null
        const place = stays
          ? { file: file.number ?? 0, at: row.offset, bytes: bytes.length }
          : this.#bytes.add(bytes)
        this.#index.add(keys, place)
        this.users++
        for (const field of Object.keys(profile)) this.fields.add(field)
      }
    }
    await this.#bytes.flush()
    return exported
  }

  /** Makes the users findable. Once the signal is aborted it throws the signal's reason. */
  async finish(signal?: AbortSignal): Promise<void> {
    await this.#bytes.flush(true)
    await this.#index.finish(signal)
  }

  async look({ user, fields }: Wanted): Promise<Look> {
    if (this.#closing !== undefined) return unseen('stopped', 'The export is not read any more.')
    try {
      const { profile, ...seen } = await this.#see(user)
      return { seen: { ...seen, profile: profile && only(profile, fields) } }
    } catch (error) {
      return unseen('failed', (error as Error).message)
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#release()
    await this.#closing
  }

  async #release(): Promise<void> {
    try {
      this.#index.close()
    } finally {
      await this.#bytes.close()
      await this.#remove()
    }
  }

  async #see(user: string): Promise<Observation> {
    const key = keyOfUser(user)
    const { entries, found } = key === undefined ? { entries: 0, found: [] } : await this.#current(key)
    const { profile, ...rest } = chosen(found.map(each => each.profile))
    const at = found.find(each => each.profile === profile)?.at ?? this.#files.reduce(earliest, Infinity)
    // Among those that were not read there may be the one that Braze would choose, or another like it.
    return entries === sharedMax && found.length > 1
      ? { profile: null, isAmbiguous: true, at }
      : { ...rest, profile, at }
  }

  /**
   * The profiles that have a key, as the export shows them last, until it is certain which is meant; and how many places
   * there were to look at.
   */
  async #current(key: string): Promise<{ entries: number; found: { profile: JsonObject; at: number }[] }> {
    const found: { profile: JsonObject; at: number }[] = []
    const entries = this.#index.find(key, sharedMax)
    for (const entry of entries) {
      const profile = await this.#read(entry, key)
      if (profile === undefined || (await this.#isSuperseded(entry, profile))) continue
      found.push({ profile, at: this.#fileOf(entry).at })
      if (!sharedKey.test(key)) break
    }
    return { entries: entries.length, found }
  }

  /** Whether the same profile comes again later, perhaps with other identifiers. */
  async #isSuperseded({ user }: Entry, profile: JsonObject): Promise<boolean> {
    const identity = identityOf(profile)
    if (identity === undefined) return false
    for (const entry of this.#index.find(identity, sharedMax))
      if (entry.user > user && (await this.#read(entry, identity)) !== undefined) return true
    return false
  }

  /** The profile at this place; undefined if it does not have the key. */
  async #read(entry: Entry, key: string): Promise<JsonObject | undefined> {
    const profile = parsed(await this.#bytes.read(entry))
    if (profile === undefined) throw new Error(`${this.#fileOf(entry).name} has changed since it was read.`)
    return keysOfProfile(profile).includes(key) ? profile : undefined
  }

  #fileOf({ user }: Entry): ExportFile {
    return this.#files.findLast(({ from }) => from <= user)?.file ?? { name: '', at: 0, number: null }
  }

  #addProblem(problem: UnusableRecord): void {
    this.problemsTotal++
    if (this.problems.length < problemsMax) this.problems.push(problem)
  }
}

/** Profiles that are read of those with one email or phone number. */
const sharedMax = 100

/** Several profiles may have one email or phone number; anything else is of the one who has it last. */
const sharedKey = /^\["(?:email|phone)"/

function earliest(at: number, { file }: { file: ExportFile }): number {
  return Math.min(at, file.at)
}

function parsed(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function only(profile: JsonObject, fields: readonly string[]): JsonObject {
  const names = new Set([...identifiers, ...fields])
  return Object.fromEntries(Object.entries(profile).filter(([name]) => names.has(name)))
}

const identifiers = ['external_id', 'user_aliases', 'braze_id', 'email', 'phone']

function unseen(why: Unseen['why'], message: string): Look {
  return { unseen: { why, message } }
}
