import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exportFieldOf, exportFieldsFor } from '../braze/export-fields.ts'
import { operationOf } from '../braze/operations.ts'
import { profileFor } from '../braze/exported-profile.ts'
import { isCustomAttribute } from '../braze/fields.ts'
import { echoedAttributes, returnedValue } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import type { RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import { type Json, type JsonObject, setKey } from '../model/json.ts'
import { nextSteps } from '../model/next-command.ts'
import type { Observation, ProfileSource } from '../model/observation.ts'
import type { Outcome } from '../model/outcome.ts'
import { TrackSyncError } from '../model/problem.ts'
import { type LeftReason, leftReasons, type UndoPlan } from '../model/undo-plan.ts'
import { reasons } from '../model/verdict.ts'
import type { Readings } from '../braze/assumptions.ts'
import { judgeProfile } from '../reconcile/judge-profile.ts'
import { csvLines } from '../report/csv-files.ts'
import { Output } from '../report/output.ts'
import { disarmed, jsonCell, textCell } from '../report/safe-cell.ts'
import { AskedIndex } from './asked-index.ts'
import { type Before, BeforeIndex, beforeName } from './before.ts'
import { accountsOf } from './load.ts'

export const undoName = 'undo.ndjson'
export const leftName = 'undo-left.csv'

/** Users that are looked up at the same time. */
const windowMax = 500

/** A value that a run set last. */
interface Written {
  user: string
  field: string
  /** What the run left there; undefined where that is not known. */
  left: Json | undefined
}

/** One user, and what of it may be put back. */
interface Person {
  user: string
  written: Written[]
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
 * alone.
 */
export async function planUndo(work: UndoWork): Promise<UndoPlan> {
  const { folder } = work
  if (!existsSync(join(folder, beforeName))) throw noSnapshot(folder)
  const before = await BeforeIndex.open(folder)
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
  readonly #before: BeforeIndex
  readonly #file: Output
  readonly #list: Output
  readonly #index = new AskedIndex()

  constructor(work: UndoWork, before: BeforeIndex, file: Output, list: Output) {
    this.#work = work
    this.#before = before
    this.#file = file
    this.#list = list
    const left = Object.fromEntries(Object.keys(leftReasons).map(reason => [reason, 0]))
    const files = { file: join(work.folder, undoName), leftFile: join(work.folder, leftName) }
    const counts = { users: 0, values: 0, asBefore: 0, occurrences: 0 }
    this.plan = { ...files, ...counts, left: left as UndoPlan['left'] }
  }

  async run(): Promise<void> {
    const { folder, state, signal } = this.#work
    for await (const account of accountsOf(folder, state, signal)) {
      const { seq, kind, user, body } = account
      if (!isApplied(account) || body === null) continue
      if (kind === 'attributes') this.#index.add({ seq, kind, user, body })
      else this.plan.occurrences++
    }
    let people = new Map<string, Person>()
    for await (const account of accountsOf(folder, state, signal)) {
      for (const written of this.#writtenBy(account)) {
        const person = people.get(written.user) ?? { user: written.user, written: [] }
        people.set(written.user, person)
        person.written.push(written)
      }
      if (people.size < windowMax) continue
      await this.#putBackAll(people)
      people = new Map()
    }
    await this.#putBackAll(people)
  }

  /** What an object set and no later one of the run set anew. */
  #writtenBy(account: Account): Written[] {
    const { kind, user, body, echoed, seq } = account
    if (kind !== 'attributes' || body === null || !isApplied(account)) return []
    return valuesOf(kind, body).flatMap(({ field, requested }) => {
      if (this.#index.isOverwritten({ user, seq }, field)) return []
      const shown = echoed === null ? undefined : returnedValue(echoed, kind, body, field)
      const left = shown ?? (operationOf(requested) === undefined ? requested : undefined)
      return [{ user, field, left }]
    })
  }

  async #putBackAll(people: ReadonlyMap<string, Person>): Promise<void> {
    const rows = await Promise.all([...people.values()].map(person => this.#putBack(person)))
    for (const row of rows) if (row !== null) await this.#file.add(`${JSON.stringify(row)}\n`)
  }

  /** The row that puts back what still stands of a user; null where nothing does. */
  async #putBack({ user, written }: Person): Promise<JsonObject | null> {
    const address = JSON.parse(user) as JsonObject
    const asked: JsonObject = { ...address }
    for (const { field } of written) setKey(asked, field, '')
    const look = await this.#work.source.look({ user, fields: exportFieldsFor('attributes', asked) })
    const before = await this.#before.of(user)
    const row: JsonObject = { ...address }
    let values = 0
    for (const one of written) {
      const was = before === undefined ? undefined : wasBefore(before, one.field)
      const seen = 'seen' in look ? look.seen : undefined
      const why = this.#whyLeft(one, was, seen)
      if (why === 'as_before') this.plan.asBefore++
      else if (why === undefined) {
        setKey(row, one.field, was ?? null)
        values++
      } else await this.#leave(one, was, seen, why)
    }
    if (values === 0) return null
    this.plan.users++
    this.plan.values += values
    return row
  }

  /** Why a value is left alone; undefined where it is put back. */
  #whyLeft(
    { user, field, left }: Written,
    was: Json | undefined,
    seen: Observation | undefined,
  ): LeftReason | 'as_before' | undefined {
    if (exportFieldOf(field) === undefined) return 'not_exported'
    if (was === undefined) return 'not_in_snapshot'
    if (seen === undefined) return 'lookup_failed'
    if (this.#holds(user, field, was, seen)) return 'as_before'
    if (left === undefined) return 'result_unknown'
    if (!this.#holds(user, field, left, seen)) return 'changed_since'
    return operationOf(was) === undefined ? undefined : 'reads_as_operation'
  }

  /** Whether the profile holds a value now. */
  #holds(user: string, field: string, value: Json, seen: Observation): boolean {
    const body: JsonObject = JSON.parse(user) as JsonObject
    setKey(body, field, value)
    const { reasons: judged } = judgeProfile({ kind: 'attributes', user, body }, seen, {
      at: seen.at,
      readings: this.#work.readings,
      expected: () => ({ before: undefined, adds: 0 }),
      isOverwritten: () => false,
      repeated: false,
    })
    return judged.every(reason => reasons[reason].counts === 'match')
  }

  async #leave(
    { user, field, left }: Written,
    was: Json | undefined,
    seen: Observation | undefined,
    why: LeftReason,
  ): Promise<void> {
    this.plan.left[why]++
    const now = seen?.profile == null ? undefined : heldIn(seen.profile, field)
    const cells = [was, left, now].map(value => (value === undefined ? null : jsonCell(value)))
    await this.#list.add(csvLines([[disarmed(user), textCell(field), ...cells, why]]))
  }
}

function isApplied({ outcome }: Account): boolean {
  return applied.has(outcome)
}

/** What a snapshot shows of an attribute; undefined where it does not. */
function wasBefore({ exists, profile }: Pick<Before, 'exists' | 'profile'>, field: string): Json | undefined {
  return exists === 'ambiguous' ? undefined : fieldOf(profile, field)
}

/** What an exported profile holds of an attribute. */
function heldIn(exported: JsonObject, field: string): Json | undefined {
  const body: JsonObject = {}
  setKey(body, field, '')
  return fieldOf(profileFor(exported, 'attributes', body), field)
}

function fieldOf(profile: JsonObject, field: string): Json | undefined {
  const holder = isCustomAttribute(field) ? echoedAttributes(profile) : profile
  return holder !== undefined && Object.hasOwn(holder, field) ? holder[field] : undefined
}

function noSnapshot(folder: string): TrackSyncError {
  const message = `${folder} has no ${beforeName}, so it is not known what the profiles held before that run.`
  return new TrackSyncError('snapshot_missing', message, {
    file: folder,
    expected: 'a run that was started with --snapshot',
    next: nextSteps.look(folder),
  })
}
