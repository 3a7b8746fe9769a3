import { join } from 'node:path'
import type { Readings } from '../braze/assumptions.ts'
import { exportFieldsFor } from '../braze/export-fields.ts'
import type { RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { Digests, digestOf } from '../model/digests.ts'
import { type Json, type JsonObject, setKey } from '../model/json.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Look, ProfileSource } from '../model/observation.ts'
import type { Outcome } from '../model/outcome.ts'
import { TrackSyncError } from '../model/problem.ts'
import { leftReasons, type UndoPlan } from '../model/undo-plan.ts'
import { csvLines } from '../report/csv-files.ts'
import { Output } from '../report/output.ts'
import { disarmed, jsonCell, textCell } from '../report/safe-cell.ts'
import { AskedIndex } from './asked-index.ts'
import type { Before } from './before.ts'
import { BeforeFile, beforeName, hasSnapshot } from './before-file.ts'
import { accountsOf } from './load.ts'
import { type Decision, decide, type Left, leftBy } from './put-back.ts'

export const undoName = 'undo.ndjson'
export const leftName = 'undo-left.csv'

/** Users that are looked up at the same time. */
const windowMax = 500

/** One user: what the run left in each of its attributes. */
interface Person {
  user: string
  fields: Map<string, Left[]>
}

export interface UndoWork {
  folder: string
  state: RunState
  source: ProfileSource
  readings: Readings
  signal: AbortSignal
}

/**
 * Writes the rows that put back what a run changed and what still stands as it left it. Everything else is listed and left
 * alone. Once the signal is aborted it throws the signal's reason.
 */
export async function planUndo(work: UndoWork): Promise<UndoPlan> {
  const { folder } = work
  if (!hasSnapshot(folder)) throw noSnapshot(folder)
  const before = await BeforeFile.read(folder)
  const file = new Output(join(folder, undoName), '')
  const list = new Output(join(folder, leftName), csvLines([leftHeader]))
  try {
    const undo = new Undo(work, before, file, list)
    await undo.run()
    await file.close()
    await list.close()
    return undo.plan
  } catch (error) {
    await file.discard()
    await list.discard()
    throw error
  } finally {
    await before.close()
  }
}

const leftHeader = ['user', 'field', 'before', 'left_by_run', 'now', 'reason'] as const

/** Objects that may have changed a profile. */
const applied: ReadonlySet<Outcome> = new Set(['verified', 'unverifiable', 'mismatched', 'unknown'])

class Undo {
  readonly plan: UndoPlan
  readonly #work: UndoWork
  readonly #before: BeforeFile
  readonly #file: Output
  readonly #list: Output
  /** Which row has certainly set an attribute last. */
  readonly #index = new AskedIndex()
  readonly #users = new Digests()

  constructor(work: UndoWork, before: BeforeFile, file: Output, list: Output) {
    this.#work = work
    this.#before = before
    this.#file = file
    this.#list = list
    const left = Object.fromEntries(Object.keys(leftReasons).map(reason => [reason, 0]))
    const files = { file: join(work.folder, undoName), leftFile: join(work.folder, leftName) }
    const counts = { users: 0, values: 0, asBefore: 0, occurrences: 0 }
    this.plan = { ...files, ...counts, left: left as UndoPlan['left'], lookupFailure: null }
  }

  async run(): Promise<void> {
    for await (const account of this.#accounts()) {
      const { seq, kind, user } = account
      if (kind === 'attributes') this.#index.add({ seq, kind, user, body: this.#certainOf(account) })
      else this.plan.occurrences++
    }
    let people = new Map<string, Person>()
    for await (const account of this.#accounts()) {
      this.#gather(account, people)
      if (people.size < windowMax) continue
      await this.#putBackAll(people)
      people = new Map()
    }
    await this.#putBackAll(people)
  }

  /** The objects that may have changed a profile. */
  async *#accounts(): AsyncGenerator<Account> {
    const { folder, state, signal } = this.#work
    for await (const account of accountsOf(folder, state, signal))
      if (applied.has(account.outcome) && account.kind !== null) yield account
  }

  #certainOf(account: Account): JsonObject {
    const body: JsonObject = {}
    for (const { field, isCertain } of leftBy(account, this.#work.readings))
      if (isCertain) setKey(body, field, null)
    return body
  }

  /** Adds what an object left that no later one has certainly set anew. */
  #gather(account: Account, people: Map<string, Person>): void {
    const { user, seq } = account
    for (const left of leftBy(account, this.#work.readings)) {
      const { field } = left
      const isOverwritten = this.#index.isOverwritten({ user, seq }, field)
      if (isOverwritten && !this.#index.isFull) continue
      const person = people.get(user) ?? { user, fields: new Map<string, Left[]>() }
      people.set(user, person)
      const all = person.fields.get(field) ?? []
      person.fields.set(field, all)
      // Of users beyond the index, nobody can tell which row was the last.
      all.push(isOverwritten ? { ...left, value: undefined } : left)
    }
  }

  async #putBackAll(people: ReadonlyMap<string, Person>): Promise<void> {
    const all = [...people.values()]
    const befores = await Promise.all(all.map(({ user }) => this.#before.of(user)))
    // Asked for all at once, so that they share requests.
    const looks = await Promise.all(all.map((person, i) => this.#look(person, befores[i] !== undefined)))
    this.#work.signal.throwIfAborted()
    for (const [i, person] of all.entries()) {
      const now = looks[i]
      if (now !== undefined) await this.#record(person, this.#decide(person, befores[i], now))
    }
  }

  #decide({ user, fields }: Person, before: Before | undefined, now: Look): Map<string, Decision> {
    const isShared = (id: string) => this.#before.isShared(id, user)
    const sight = { user, before, now, isShared, readings: this.#work.readings }
    return new Map([...fields].map(([field, left]) => [field, decide(field, left, sight)]))
  }

  /** Who is not in the snapshot, and what no export shows, is not looked up. */
  async #look({ user, fields }: Person, isInSnapshot: boolean): Promise<Look> {
    const asked: JsonObject = user === '' ? {} : (JSON.parse(user) as JsonObject)
    for (const field of fields.keys()) setKey(asked, field, '')
    const shown = exportFieldsFor('attributes', asked)
    if (!isInSnapshot || shown.length === 0)
      return { unseen: { why: 'failed', message: 'There is nothing to look up.' } }
    const look = await this.#work.source.look({ user, fields: shown }, true)
    if ('unseen' in look) this.plan.lookupFailure ??= look.unseen.message
    return look
  }

  async #record({ user, fields }: Person, decisions: ReadonlyMap<string, Decision>): Promise<void> {
    const body: JsonObject = user === '' ? {} : (JSON.parse(user) as JsonObject)
    let values = 0
    for (const [field, decision] of decisions) {
      if (decision.is === 'as_before') this.plan.asBefore++
      else if (decision.is === 'put_back') {
        setKey(body, field, decision.value)
        values++
      } else {
        const { why, was, now } = decision
        this.plan.left[why]++
        const cells = [was, fields.get(field)?.at(-1)?.value, now].map(cellOf)
        await this.#list.add(csvLines([[disarmed(user), textCell(field), ...cells, why]]))
      }
    }
    if (values === 0) return
    this.#users.set(digestOf(user), { high: 0, low: 1 })
    this.plan.users = this.#users.size
    this.plan.values += values
    // As the body of a request, in which every name is a field and none is taken for anything else.
    await this.#file.add(`${JSON.stringify({ attributes: [body] })}\n`)
  }
}

function cellOf(value: Json | undefined): string | null {
  return value === undefined ? null : jsonCell(value)
}

function noSnapshot(folder: string): TrackSyncError {
  const message = `${folder} has no ${beforeName}, so it is not known what the profiles held before that run.`
  return new TrackSyncError('snapshot_missing', message, {
    file: folder,
    expected: 'a run that was started with --snapshot',
    next: nextSteps.look(folder),
  })
}
