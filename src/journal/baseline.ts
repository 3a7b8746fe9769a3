import { operationOf } from '../braze/operations.ts'
import { valuesOf } from '../braze/values.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import type { JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Line } from './line.ts'
import { Standing, takeUp } from './run-state.ts'

/** An object as far as it matters what it asks for. */
interface Asked {
  kind: Kind | null
  user: string
  body: JsonObject
}

/**
 * What a run verified last: of each attribute the value, of events and purchases how often each was counted. Only
 * digests are kept.
 */
export class Verified {
  readonly #digests = new Digests()

  /** An object ended: `verified` or not. What may have been written unseen is not certain any more. */
  learn(asked: Asked, isVerified: boolean): void {
    if (asked.kind !== 'attributes') {
      if (isVerified) this.#count(asked, 1)
      return
    }
    for (const { key, value } of this.#fields(asked)) this.#digests.set(key, isVerified ? value : unsure)
  }

  /** Whether these very values were verified last. If not they will be sent, and are not certain any more. */
  isUnchanged(asked: Asked): boolean {
    if (asked.kind !== 'attributes') return this.#count(asked, -1)
    const fields = this.#fields(asked)
    const isSame = fields.length > 0 && fields.every(({ key, value }) => equal(this.#digests.get(key), value))
    if (!isSame) for (const { key } of fields) this.#digests.set(key, unsure)
    return isSame
  }

  #fields({ user, body }: Asked): { key: Digest; value: Digest }[] {
    return valuesOf('attributes', body).map(({ field, requested }) => {
      const key = digest('attribute', user, field)
      // A change of what is held is another change each time.
      return { key, value: operationOf(requested) === undefined ? digest(requested) : unsure }
    })
  }

  #count({ kind, user, body }: Asked, by: 1 | -1): boolean {
    const key = digest(kind, user, body)
    const times = (this.#digests.get(key)?.low ?? 0) + by
    if (times >= 0) this.#digests.set(key, { high: 0, low: times })
    return times >= 0
  }
}

/**
 * What the run of a journal verified, and what an even earlier one had verified for it; of a damaged one, what stands
 * before the damage. What only stands behind it is sent again.
 */
export async function readVerified(
  lines: AsyncIterable<Line>,
): Promise<{ verified: Verified; standing: Standing }> {
  const verified = new Verified()
  const standing = new Standing((object, entry) => {
    if (entry?.outcome === 'rejected') return
    verified.learn(object, entry?.outcome === 'verified')
  })
  await takeUp(lines, standing, ({ entry }) => {
    if (entry.t === 'refused' && entry.body !== undefined)
      verified.learn({ ...entry.object, body: entry.body }, true)
  })
  return { verified, standing }
}

/** The digest of nothing that can be asked for. */
const unsure: Digest = { high: 0xffffffff, low: 0xffffffff }

function digest(...parts: unknown[]): Digest {
  return digestOf(JSON.stringify(parts))
}

/** What is not certain equals nothing. */
function equal(a: Digest | undefined, b: Digest): boolean {
  return a?.high === b.high && a.low === b.low && b !== unsure
}
