import { identifierKeys, identifierKeysOf } from '../braze/identifiers.ts'
import type { JsonObject } from '../model/json.ts'
import { type Addressed, rowLabel } from '../model/track-object.ts'
import { writtenFields } from './to-entry.ts'

/** An object as far as it matters who overtakes it: whose it is, and which fields it writes. */
interface Writer {
  user: string
  fields: readonly string[]
  /** The first later object that was applied and wrote one of the fields, as people say its place. */
  appliedBy: string | undefined
  /** Later objects that may have been applied, by their numbers. */
  maybeBy: Map<number, string>
}

/** Objects watched at most; those that have waited longest leave first. */
const watchedMax = 100_000

/**
 * Which objects that did not get through were overtaken by a later object of the same user that wrote the same field: to
 * send one of those again would undo newer data.
 */
export class Overtaken {
  readonly #watched = new Map<number, Writer>()
  readonly #byKey = new Map<string, Set<number>>()

  /** An object did not get through: from here on somebody may overtake it. */
  watch(seq: number, user: string, fields: readonly string[]): void {
    if (fields.length === 0 || this.#watched.has(seq)) return
    this.#watched.set(seq, { user, fields, appliedBy: undefined, maybeBy: new Map() })
    for (const key of identifierKeysOf(user)) {
      const seqs = this.#byKey.get(key) ?? new Set()
      this.#byKey.set(key, seqs.add(seq))
    }
    const oldest = this.#watched.size > watchedMax ? this.#watched.keys().next().value : undefined
    if (oldest !== undefined) this.forget(oldest)
  }

  /** An object has ended after all. */
  forget(seq: number): void {
    const writer = this.#watched.get(seq)
    if (writer === undefined) return
    this.#watched.delete(seq)
    for (const key of identifierKeysOf(writer.user)) {
      this.#byKey.get(key)?.delete(seq)
      if (this.#byKey.get(key)?.size === 0) this.#byKey.delete(key)
    }
  }

  /** An object was applied, or may have been. */
  wrote(object: Addressed & { seq: number; body: JsonObject }, isCertain: boolean): void {
    if (this.#watched.size === 0) return
    const fields = writtenFields(object)
    const label = `row ${rowLabel(object)} of ${object.file}`
    const earlier = identifierKeys(object.body).flatMap(key => [...(this.#byKey.get(key) ?? [])])
    for (const seq of earlier) {
      const writer = this.#watched.get(seq)
      if (writer === undefined || seq >= object.seq || !writer.fields.some(field => fields.includes(field)))
        continue
      if (isCertain) writer.appliedBy ??= label
      else writer.maybeBy.set(object.seq, label)
    }
  }

  appliedBy(seq: number): string | undefined {
    return this.#watched.get(seq)?.appliedBy
  }

  maybeBy(seq: number): ReadonlyMap<number, string> {
    return this.#watched.get(seq)?.maybeBy ?? none
  }
}

const none: ReadonlyMap<number, string> = new Map()
