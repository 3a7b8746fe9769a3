import { exportFieldsFor } from '../braze/export-fields.ts'
import { operationOf } from '../braze/operations.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import type { Kind } from '../model/kind.ts'
import { namesOf } from '../reconcile/memory.ts'
import { addsOf } from '../reconcile/judge-occurrence.ts'
import type { Asked } from '../reconcile/reconcile.ts'
import { SeenBefore } from './seen-before.ts'

/**
 * What all rows of an input ask for, as far as rows of one user bear on each other: which attributes a later row sets
 * anew, and how often each event and product occurs. Bounded: of users beyond its room every attribute may have been set
 * anew, and only a row's own occurrence counts.
 */
export class AskedIndex {
  readonly #digests = new Digests()
  readonly #users: SeenBefore
  /** Some users found no room. */
  isFull = false
  /** The export fields that show what any of the rows asks for. */
  readonly fields = new Set<string>()

  /** `objects`: how many to expect. */
  constructor(objects = 2 ** 20) {
    this.#users = new SeenBefore(objects)
  }

  add(asked: Asked & { seq: number }): void {
    const { kind, user, body, seq } = asked
    if (kind === null) return
    for (const field of exportFieldsFor(kind, body)) this.fields.add(field)
    if (kind !== 'attributes') {
      for (const name of namesOf(kind, body)) {
        const key = keyOf(user, kind, name)
        this.#set(key, (this.#digests.get(key)?.low ?? 0) + addedBy(asked, name))
      }
      return
    }
    // The attributes of a user's only row are never set anew, and most users have only one.
    if (!this.#users.add(digestOf(user))) return
    for (const name of namesOf(kind, body)) this.#set(keyOf(user, kind, name), seq)
  }

  /** Whether a later row of the user sets the attribute, or may do so. */
  isOverwritten({ user, seq }: { user: string; seq: number }, name: string): boolean {
    const last = this.#digests.get(keyOf(user, 'attributes', name))?.low
    if (last !== undefined) return last > seq
    return this.isFull
  }

  /** How much all rows add to an event or product of the user; at least what the row itself adds. */
  addsOf(asked: Asked, name: string): number {
    const { kind, user } = asked
    const all = kind === null ? undefined : this.#digests.get(keyOf(user, kind, name))?.low
    return all ?? addedBy(asked, name)
  }

  #set(key: Digest, value: number): void {
    if (!this.#digests.set(key, { high: 0, low: value })) this.isFull = true
  }
}

function keyOf(user: string, kind: Kind, name: string): Digest {
  return digestOf(JSON.stringify([user, kind, name]))
}

/** What an object adds to an event, a product or a number. */
export function addedBy({ kind, body }: Asked, name: string): number {
  if (kind === 'events' || kind === 'purchases') return addsOf(kind, body)
  const operation = operationOf(Object.hasOwn(body, name) ? (body[name] ?? null) : null)
  return operation !== undefined && 'inc' in operation ? operation.inc : 0
}
