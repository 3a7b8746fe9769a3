import { exportFieldsFor } from '../braze/export-fields.ts'
import { digestOf, Digests } from '../model/digests.ts'
import type { ProfileSource } from '../model/observation.ts'
import { type Memory, namesOf } from '../reconcile/memory.ts'
import type { Asked } from '../reconcile/reconcile.ts'
import { type Before, beforeOf, lessonsOf, saysOf, shownNames } from './before.ts'
import { BeforeFile, beforeName } from './before-file.ts'
import { notKept } from './disk.ts'

/** A user, and those of its rows that ask for something that nobody has looked at. */
interface Newcomer {
  user: string
  asked: Asked[]
  /** What is known of it. */
  known: Before | undefined
}

/**
 * The profiles as they were before the run. A user is looked up before a row of its own is sent that asks for something
 * which was not looked at yet, and what that shows is on the disk before the row leaves. What was looked at once is not
 * looked at again, in no process of the run: by then it may be what the run itself has written.
 */
export class Snapshot {
  readonly #file: BeforeFile
  readonly #folder: string
  readonly #source: ProfileSource
  readonly #memory: Memory
  readonly #stop: AbortController
  /** Users, each with the names that a row of it asked for. Most rows of a user ask for the same. */
  readonly #asked = new Digests()

  private constructor(
    file: BeforeFile,
    folder: string,
    source: ProfileSource,
    memory: Memory,
    stop: AbortController,
  ) {
    this.#file = file
    this.#folder = folder
    this.#source = source
    this.#memory = memory
    this.#stop = stop
  }

  /** Begins the file of a run, or goes on with it. */
  static async open(folder: string, source: ProfileSource, memory: Memory, stop: AbortController) {
    return new Snapshot(await BeforeFile.write(folder), folder, source, memory, stop)
  }

  /** Looks up whoever among the rows asks for something new. Where that fails, the run stops before they are sent. */
  async take(objects: readonly Asked[]): Promise<void> {
    if (this.#stop.signal.aborted) return
    const newcomers = await this.#newcomers(objects)
    if (newcomers.length === 0) return
    const looks = await Promise.all(newcomers.map(newcomer => this.#look(newcomer)))
    const seen = looks.filter(before => before !== undefined)
    const isKept = await this.#file.append(seen).then(
      () => true,
      (error: Error) => {
        if (!this.#stop.signal.aborted) this.#stop.abort(notKept(this.#folder, beforeName, error))
        return false
      },
    )
    // A user who no longer fits into the index may have rows under way: what is seen then is no baseline.
    if (isKept && this.#file.hasRoom) for (const lesson of seen.flatMap(lessonsOf)) this.#memory.learn(lesson)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #look({ user, asked, known }: Newcomer): Promise<Before | undefined> {
    const fields = asked.flatMap(({ kind, body }) => (kind === null ? [] : exportFieldsFor(kind, body)))
    const look = await this.#source.look({ user, fields: [...new Set(fields)] }, true)
    if ('seen' in look) return beforeOf(user, asked, look.seen, known?.profile)
    const { why, message } = look.unseen
    if (why === 'failed' && !this.#stop.signal.aborted)
      this.#stop.abort({ exit: 'stopped', message: `The snapshot is not complete: ${message}` })
    return undefined
  }

  async #newcomers(objects: readonly Asked[]): Promise<Newcomer[]> {
    const newcomers: Newcomer[] = []
    for (const [user, rows] of this.#rowsToCheck(objects)) {
      const known = this.#file.has(user) ? await this.#file.of(user) : undefined
      const asked = known === undefined ? rows : rows.filter(row => asksForMore(row, known))
      if (asked.length > 0) newcomers.push({ user, asked, known })
    }
    return newcomers
  }

  /** The rows that ask for other names than the rows of their user before them. A row that names no user has no profile. */
  #rowsToCheck(objects: readonly Asked[]): Map<string, Asked[]> {
    const rows = new Map<string, Asked[]>()
    for (const object of objects) {
      const { kind, user, body } = object
      if (kind === null || user === '') continue
      const key = digestOf(JSON.stringify([user, kind, namesOf(kind, body).toSorted()]))
      if (this.#asked.get(key) !== undefined) continue
      this.#asked.set(key, { high: 0, low: 1 })
      const same = rows.get(user) ?? []
      rows.set(user, same)
      same.push(object)
    }
    return rows
  }
}

function asksForMore(row: Asked, { profile }: Before): boolean {
  const { kind } = row
  return kind !== null && shownNames(row).some(name => !saysOf(profile, kind, name))
}
