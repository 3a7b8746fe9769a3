import { identifierKeys, keysOfUser } from '../model/identifiers.ts'
import type { JsonObject } from '../model/json.ts'
import { type Addressed, rowLabel } from '../model/track-object.ts'
import { writtenFields } from './lines.ts'

/** An object as far as it matters who overtakes it: whose it is, and which fields it writes. */
export interface Writer {
  seq: number
  user: string
  fields: readonly string[]
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
  readonly #by = new Map<number, string>()

  /** An object did not get through: from here on somebody may overtake it. */
  watch(writer: Writer): void {
    if (writer.fields.length === 0 || this.#watched.has(writer.seq)) return
    this.#watched.set(writer.seq, writer)
    for (const key of keysOfUser(writer.user)) {
      const seqs = this.#byKey.get(key) ?? new Set()
      this.#byKey.set(key, seqs.add(writer.seq))
    }
    const oldest = this.#watched.size > watchedMax ? this.#watched.keys().next().value : undefined
    if (oldest !== undefined) this.forget(oldest)
  }

  /** An object has ended after all. */
  forget(seq: number): void {
    const writer = this.#watched.get(seq)
    if (writer === undefined) return
    this.#watched.delete(seq)
    this.#by.delete(seq)
    for (const key of keysOfUser(writer.user)) {
      this.#byKey.get(key)?.delete(seq)
      if (this.#byKey.get(key)?.size === 0) this.#byKey.delete(key)
    }
  }

  /** An object was applied, or may have been. */
  wrote(object: Addressed & { seq: number; body: JsonObject }): void {
    if (this.#watched.size === 0) return
    const { seq, file, body } = object
    const fields = writtenFields(object)
    for (const key of identifierKeys(body)) {
      for (const earlier of this.#byKey.get(key) ?? []) {
        const watched = this.#watched.get(earlier)
        if (watched === undefined || earlier >= seq || this.#by.has(earlier)) continue
        if (watched.fields.some(field => fields.includes(field))) {
          this.#by.set(earlier, `row ${rowLabel(object)} of ${file}`)
        }
      }
    }
  }

  /** The row that overtook this object, as people say it. */
  by(seq: number): string | undefined {
    return this.#by.get(seq)
  }
}
