import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { profileFor } from '../braze/exported-profile.ts'
import { exportFieldsFor } from '../braze/export-fields.ts'
import { occurrenceField } from '../braze/fields.ts'
import { operationOf } from '../braze/operations.ts'
import { digestOf, Digests } from '../model/digests.ts'
import type { Stop } from '../model/exit.ts'
import { isJsonObject, type Json, type JsonObject, setKey, textOf } from '../model/json.ts'
import type { Observation, ProfileSource } from '../model/observation.ts'
import { type Memory, namesOf } from '../reconcile/memory.ts'
import type { Asked } from '../reconcile/reconcile.ts'
import { type Before, beforeName, lessonsOf } from './before.ts'

/**
 * The profiles as they were before the run. A user is looked up before a row of its own is sent that asks for something
 * which was not looked at yet, and what that shows is on the disk before the row leaves.
 */
export class Snapshot {
  readonly #file: FileHandle
  readonly #source: ProfileSource
  readonly #memory: Memory
  readonly #stop: AbortController
  /** Users, each with the names that were looked at together. */
  readonly #seen = new Digests()
  #hasRoom = true

  private constructor(file: FileHandle, source: ProfileSource, memory: Memory, stop: AbortController) {
    this.#file = file
    this.#source = source
    this.#memory = memory
    this.#stop = stop
  }

  /** Goes on with the file of a run; what a crash tore is cut off. */
  static async open(folder: string, source: ProfileSource, memory: Memory, stop: AbortController) {
    const path = join(folder, beforeName)
    const file = await open(path, 'a+', 0o600)
    await file.truncate(await wholeBytes(file))
    return new Snapshot(file, source, memory, stop)
  }

  /** Looks up whoever among the rows asks for something new. Where that fails, the run stops before they are sent. */
  async take(objects: readonly Asked[]): Promise<void> {
    const fresh = this.#fresh(objects)
    if (fresh.size === 0) return
    const looks = [...fresh].map(async ([user, asked]) => {
      const fields = asked.flatMap(({ kind, body }) => (kind === null ? [] : exportFieldsFor(kind, body)))
      const look = await this.#source.look({ user, fields: [...new Set(fields)] }, true)
      if ('seen' in look) return beforeOf(user, asked, look.seen)
      const { why, message } = look.unseen
      const stop = { exit: 'stopped', message: `The snapshot is not complete: ${message}` } satisfies Stop
      if (why === 'failed' && !this.#stop.signal.aborted) this.#stop.abort(stop)
      return undefined
    })
    const seen = (await Promise.all(looks)).filter(before => before !== undefined)
    await this.#file.appendFile(seen.map(before => `${JSON.stringify(before)}\n`).join(''))
    await this.#file.datasync()
    // A user who no longer fits into the table may have rows under way: what is seen then is no baseline.
    if (this.#hasRoom) for (const lesson of seen.flatMap(lessonsOf)) this.#memory.learn(lesson)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** The rows that ask for something new, by user. */
  #fresh(objects: readonly Asked[]): Map<string, Asked[]> {
    const fresh = new Map<string, Asked[]>()
    for (const object of objects) {
      const { kind, user, body } = object
      if (kind === null) continue
      const key = digestOf(JSON.stringify([user, kind, namesOf(kind, body).toSorted()]))
      if (this.#seen.get(key) !== undefined) continue
      if (!this.#seen.set(key, { high: 0, low: 1 })) this.#hasRoom = false
      const same = fresh.get(user) ?? []
      fresh.set(user, same)
      same.push(object)
    }
    return fresh
  }
}

/** What the profile holds of all that the rows of a user ask for. */
function beforeOf(user: string, asked: readonly Asked[], seen: Observation): Before {
  const profile: JsonObject = {}
  const sums = new Set<string>()
  for (const { kind, body } of asked) {
    if (kind === null) continue
    const part = profileFor(seen.profile ?? {}, kind, body)
    if (kind === 'attributes') {
      const { custom_attributes: held, ...standard } = part
      Object.assign(profile, standard)
      if (isJsonObject(held)) profile['custom_attributes'] = merged(profile['custom_attributes'], held)
      for (const [name, value] of Object.entries(body)) {
        const operation = operationOf(value)
        if (operation !== undefined && 'inc' in operation) sums.add(name)
      }
    } else addCount(profile, kind, textOf(body[occurrenceField[kind]]), part)
  }
  const exists = seen.isAmbiguous === true ? 'ambiguous' : seen.profile !== null
  return { user, at: seen.at, exists, profile, sums: [...sums] }
}

function merged(into: Json | undefined, held: JsonObject): JsonObject {
  const all: JsonObject = {}
  for (const part of [isJsonObject(into) ? into : {}, held])
    for (const [name, value] of Object.entries(part)) setKey(all, name, value)
  return all
}

/** Each event or product once, one that is not there with the count 0. */
function addCount(profile: JsonObject, kind: 'events' | 'purchases', name: string, part: JsonObject): void {
  const list = kind === 'events' ? 'custom_events' : 'purchase_events'
  const known = profile[list]
  const items = Array.isArray(known) ? known : []
  if (items.some(item => isJsonObject(item) && item[occurrenceField[kind]] === name)) return
  const found = part[list]
  const [item = { [occurrenceField[kind]]: name, count: 0 }] = Array.isArray(found) ? found : []
  profile[list] = [...items, item]
}

/** The bytes up to the last line end. */
async function wholeBytes(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  const chunk = Buffer.alloc(64 * 1024)
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - chunk.length)
    const { bytesRead } = await file.read(chunk, 0, end - from, from)
    const at = chunk.subarray(0, bytesRead).lastIndexOf('\n')
    if (at >= 0) return from + at + 1
    end = from
  }
  return 0
}
