import { isIdempotent, type Replay } from '../braze/idempotency.ts'
import type { RunState, UnsettledObject } from '../journal/run-state.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Kind } from '../model/kind.ts'
import { type Asked, forget, type Memory } from '../reconcile/reconcile.ts'
import { namesOf } from '../reconcile/memory.ts'
import type { Before, Doubts } from './doubts.ts'
import { type Recorder, teach } from './recorder.ts'

/** What the profiles held before the objects that earlier processes left unknown, as far as the run had seen it. */
export class Befores {
  readonly #numbers = new Map<number, ReadonlyMap<string, number>>()

  /** An object ends unknown: what is known now is what was there before it. */
  note(seq: number, { kind, user, body }: Asked, memory: Memory): void {
    if (kind === null) return
    const known = namesOf(kind, body).flatMap((name): [string, number][] => {
      const number = memory.last(user, kind, name)
      return number === undefined ? [] : [[`${kind} ${name}`, number]]
    })
    this.#numbers.set(seq, new Map(known))
  }

  forget(seq: number): void {
    this.#numbers.delete(seq)
  }

  of(seq: number): Before {
    const numbers = this.#numbers.get(seq)
    return (kind: Kind, name: string) => numbers?.get(`${kind} ${name}`)
  }
}

export interface EarlierUnknown {
  state: RunState
  befores: Befores
  doubts: Doubts
  memory: Memory
  journal: JournalWriter
  recorder: Recorder
  replay: Replay
}

/**
 * Looks up what earlier processes left unknown, before any of it is sent again or given up. Resolves to the objects that
 * were certainly not applied.
 */
export async function settleUnknown(earlier: EarlierUnknown): Promise<ReadonlySet<number>> {
  const byUser = new Map<string, UnsettledObject[]>()
  for (const object of earlier.state.unsettled.values()) {
    if (object.outcome !== 'unknown') continue
    const same = byUser.get(object.user) ?? []
    byUser.set(object.user, same)
    same.push(object)
  }
  const notApplied = new Set<number>()
  const users = [...byUser.values()]
  for (let from = 0; from < users.length; from += atOnce) {
    const some = users.slice(from, from + atOnce)
    const settled = await Promise.all(some.map(objects => settleUser(objects, earlier)))
    for (const seq of settled.flat()) notApplied.add(seq)
  }
  return notApplied
}

/** Users that are looked up at the same time. */
const atOnce = 1000

async function settleUser(objects: UnsettledObject[], earlier: EarlierUnknown): Promise<number[]> {
  const { state, befores, doubts, memory, journal, recorder, replay } = earlier
  const notApplied: number[] = []
  for (const object of objects) {
    const { seq, at, attempts, object: sent } = object
    // Of two that add to one number no look can tell which was applied.
    const before: Before = isAlone(object, objects) ? befores.of(seq) : () => undefined
    // What does no harm twice is not waited for.
    const isPatient = object.kind !== null && !isIdempotent(object.kind, object.body)
    const found = await recorder.whileLooking(1, () =>
      doubts.settle(object, before, { lostAt: at }, isPatient),
    )
    if (found?.applied === 'no') {
      state.observed(journal.observed(seq, { applied: false }))
      notApplied.push(seq)
    } else if (found?.applied === 'yes' && sent !== undefined) {
      state.observed(journal.observed(seq, { end: found.judged }, { object: sent, attempts }))
      teach(object, found, memory)
    } else if (!state.isOpen(seq, replay)) forget(object, memory)
  }
  return notApplied
}

function isAlone(object: UnsettledObject, all: readonly UnsettledObject[]): boolean {
  const names = new Set(keysOf(object))
  return all.every(other => other === object || !keysOf(other).some(name => names.has(name)))
}

function keysOf({ kind, body }: Asked): string[] {
  return kind === null ? [] : namesOf(kind, body).map(name => `${kind} ${name}`)
}
