import { operationOf } from '../braze/operations.ts'
import { valuesOf } from '../braze/values.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import type { JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Line } from './line.ts'
import { readState, RunState } from './run-state.ts'

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
export class Baseline {
  readonly #digests = new Digests()

  /**
   * An object of that run ended. What may have been written unseen is not certain any more. `wasVerified`: it ended before,
   * and this end takes the place of that one.
   */
  learn(asked: Asked, isVerified: boolean, wasVerified = false): void {
    if (asked.kind === 'attributes') this.#setFields(asked, isVerified)
    else if (isVerified !== wasVerified)
      this.#digests.set(keyOf(asked), counted(this.#timesOf(asked) + (isVerified ? 1 : -1)))
  }

  /** Whether these very values were verified last. */
  isUnchanged(asked: Asked): boolean {
    if (asked.kind !== 'attributes') return this.#timesOf(asked) > 0
    const fields = this.#fields(asked)
    return fields.length > 0 && fields.every(({ key, value }) => equal(this.#digests.get(key), value))
  }

  /** An object of this run has its turn. One that is sent leaves nothing certain; an event counts for one object only. */
  passed(asked: Asked, isUnchanged: boolean): void {
    if (asked.kind !== 'attributes') {
      if (isUnchanged) this.#digests.set(keyOf(asked), counted(this.#timesOf(asked) - 1))
    } else if (!isUnchanged) this.#setFields(asked, false)
  }

  #setFields(asked: Asked, isVerified: boolean): void {
    for (const { key, value } of this.#fields(asked)) this.#digests.set(key, isVerified ? value : unsure)
  }

  #timesOf(asked: Asked): number {
    return this.#digests.get(keyOf(asked))?.low ?? 0
  }

  #fields({ user, body }: Asked): { key: Digest; value: Digest }[] {
    return valuesOf('attributes', body).map(({ field, requested }) => {
      const key = digest('attribute', user, field)
      // A change of what is held is another change each time.
      return { key, value: operationOf(requested) === undefined ? digest(requested) : unsure }
    })
  }
}

/** Of an event or purchase all that it says; of each, how often it was counted. */
function keyOf({ kind, user, body }: Asked): Digest {
  return digest(kind, user, body)
}

function counted(times: number): Digest {
  return { high: 0, low: times }
}

/**
 * What the run of a journal verified, and what an even earlier one had verified for it; of a damaged journal, what comes
 * before the damage. The rest is sent again.
 */
export async function readBaseline(
  lines: AsyncIterable<Line>,
): Promise<{ baseline: Baseline; state: RunState }> {
  const baseline = new Baseline()
  const state = new RunState(({ object, line, outcome, before }) => {
    if (outcome === 'rejected') return
    baseline.learn(object, line !== null && outcome === 'verified', before === 'verified')
  })
  await readState(lines, state, ({ entry }) => {
    if (entry.t === 'refused' && entry.body !== undefined)
      baseline.learn({ ...entry.object, body: entry.body }, true)
  })
  return { baseline, state }
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
