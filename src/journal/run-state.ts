import { isIdempotent, type Replay } from '../braze/idempotency.ts'
import type { Damage } from '../model/damage.ts'
import type { Outcome } from '../model/outcome.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Unsettled } from '../model/track-object.ts'
import type { AnsweredEntry, Entry, ObservedEntry, RefusedEntry, RunEntry, SentObject } from './entry.ts'
import { Facts } from './facts.ts'
import { type Ended, Lifecycle, type ObjectLine } from './lifecycle.ts'
import { JournalDamaged, journalStart, type Line, type Part, type Point } from './line.ts'
import { OutcomeIndex } from './outcome-index.ts'
import { Overtaken } from './overtaken.ts'
import { writtenFields } from './to-entry.ts'

/** One process's part of the journal. */
export type Leg = Part

/** An object that was sent and did not end well, with what was done for it. */
export type UnsettledObject = Unsettled & {
  attempts: number
  doubts: number
  /** When the last request for it left, or its loss was noticed. */
  at: number
  /** Where it is unknown: the whole object, for the line of a look that settles it. */
  object?: SentObject
}

/** An object that a response ended, and whose profile was not looked up as it was to be. */
export interface Awaiting {
  seq: number
  object: SentObject
  outcome: Outcome
  attempts: number
  /** The response's line. */
  ending: AnsweredEntry
}

/** Called for every end of an object that was sent; a second time where a look at the profile replaced it. */
export type OnEnd = (ended: Ended, run: RunEntry | null) => void

/** The state of a run and of each of its objects, as its journal has it. Of what ended well, two bytes an object are kept. */
export class RunState {
  run: RunEntry | null = null
  /** The key the run was last sent with. */
  keyFingerprint = ''
  /** Behind the last whole line. */
  end: Point = journalStart
  /** Where the journal is damaged; everything here is of the lines before that. */
  damage: Damage | null = null
  readonly legs: Leg[] = []
  /** Objects that were rejected or are unknown. */
  readonly unsettled = new Map<number, UnsettledObject>()
  /** Objects whose profile is still to be looked up. */
  readonly awaiting = new Map<number, Awaiting>()
  readonly outcomes = new OutcomeIndex()
  /** Requests so far for objects that were certainly not applied and are sent again. */
  readonly #attempts = new Map<number, number>()
  readonly #overtaken = new Overtaken()
  readonly #facts = new Facts()
  readonly #starts: number[] = []
  readonly #lookupStarts: number[] = []
  /** Unknown objects that are sent again, by how lost responses may be replayed; for as long as nothing is added. */
  readonly #sentAgain = new Map<Replay, ReadonlySet<number>>()
  readonly #onEnd: OnEnd
  readonly #lifecycle = new Lifecycle()

  constructor(onEnd: OnEnd = () => {}) {
    this.#onEnd = onEnd
  }

  get facts(): RunFacts {
    return this.#facts.facts
  }

  /** When the last requests left, oldest first: as many as a window can hold. */
  get starts(): readonly number[] {
    return this.#starts
  }

  /** The same of the requests that read profiles. */
  get lookupStarts(): readonly number[] {
    return this.#lookupStarts
  }

  add({ entry, from, to }: Line): void {
    const why = this.#misplaced(entry)
    if (why !== undefined)
      throw new JournalDamaged('The journal', { line: from.line + 1, byte: from.byte, why })
    this.end = to
    this.#sentAgain.clear()
    this.#facts.add(entry)
    if (entry.t === 'run' || entry.t === 'resumed') {
      this.close()
      this.keyFingerprint = entry.keyFingerprint
      this.legs.push({ from, to })
    }
    const leg = this.legs.at(-1)
    if (leg !== undefined) leg.to = to
    if (entry.t === 'run') this.run = entry
    else if (entry.t === 'lookup') noteStart(this.#lookupStarts, entry.at - entry.ms)
    else if ('seq' in entry) this.#take(entry)
  }

  /** The process is gone; what it left open has an end all the same. */
  close(): void {
    this.#sentAgain.clear()
    for (const ended of this.#lifecycle.abandon()) this.#end(ended)
  }

  /** The journal cannot be read on. What had not ended for good may have been sent since: nothing is certain of it. */
  breakOff(damage: Damage): void {
    this.close()
    this.damage = damage
    Object.assign(this.facts, { damage, status: null, stop: null, unread: 0 })
    for (let seq = 0; seq < this.outcomes.length; seq++) {
      const outcome = this.outcomes.outcome(seq)
      if (outcome === 'held' || outcome === 'not_sent')
        this.outcomes.set(seq, 'unknown', this.outcomes.leg(seq))
    }
  }

  /** Why a line cannot stand where it does; a number out of the plan's bounds would cost memory without bounds. */
  #misplaced(entry: Entry): string | undefined {
    if ((entry.t === 'run') !== (this.legs.length === 0))
      return entry.t === 'run'
        ? 'a run begins in the midst of another'
        : 'the first line is not that of a run'
    const { planned } = this.facts
    if (entry.t === 'planned') return planned === null ? undefined : 'the run was planned before'
    if (!('seq' in entry)) return undefined
    if (planned === null) return 'nothing was planned before it'
    return entry.seq < planned.objects
      ? undefined
      : `the plan has ${planned.objects} objects, and this is another`
  }

  /** What was done so far for an object that has not ended for good. */
  earlier(seq: number): { attempts: number; doubts: number } | undefined {
    const unsettled = this.unsettled.get(seq)
    const attempts = unsettled?.attempts ?? this.#attempts.get(seq)
    return attempts === undefined ? undefined : { attempts, doubts: unsettled?.doubts ?? 0 }
  }

  /** Whether there is still something to do for an object, if lost answers may be replayed so. */
  isOpen(seq: number, replay: Replay): boolean {
    return this.#isOpen(seq, this.#sentAgain.get(replay) ?? this.#findSentAgain(replay))
  }

  #isOpen(seq: number, sentAgain: ReadonlySet<number>): boolean {
    const outcome = this.outcomes.outcome(seq)
    if (outcome === undefined || outcome === 'held' || outcome === 'not_sent') return true
    return outcome === 'unknown' && sentAgain.has(seq)
  }

  /** The unknown objects that are sent again. The latest is looked at first, because the others may hang on it. */
  #findSentAgain(replay: Replay): ReadonlySet<number> {
    const found = new Set<number>()
    for (const object of [...this.unsettled.values()].toSorted((a, b) => b.seq - a.seq)) {
      if (object.outcome !== 'unknown' || replay === 'none') continue
      if (replay === 'all' || this.#isHarmlessAgain(object, found)) found.add(object.seq)
    }
    this.#sentAgain.set(replay, found)
    return found
  }

  #isHarmlessAgain({ seq, kind, body }: UnsettledObject, sentAgain: ReadonlySet<number>): boolean {
    if (kind === null || !isIdempotent(kind, body)) return false
    // What a later row has written would be undone, which is harm, too; unless that row is sent again behind this one.
    if (this.#overtaken.appliedBy(seq) !== undefined) return false
    return [...this.#overtaken.maybeBy(seq).keys()].every(later => this.#isOpen(later, sentAgain))
  }

  /** The row that has written what this object, which did not get through, was to write; as people say its place. */
  overtakenBy(seq: number): string | undefined {
    const [maybe] = this.outcomes.outcome(seq) === 'unknown' ? [] : this.#overtaken.maybeBy(seq).values()
    return this.#overtaken.appliedBy(seq) ?? maybe
  }

  /** What this process has observed of an object that an earlier one left. */
  observed(line: ObservedEntry): void {
    this.#sentAgain.clear()
    this.#take(line)
    if (line.applied !== false) return
    // As if it had never left: the next attempt is the first that counts.
    const { attempts = 0 } = this.unsettled.get(line.seq) ?? {}
    this.unsettled.delete(line.seq)
    this.#overtaken.forget(line.seq)
    this.#attempts.set(line.seq, attempts)
    this.outcomes.set(line.seq, 'not_sent', this.outcomes.leg(line.seq))
  }

  #take(line: ObjectLine): void {
    if (line.t === 'refused') this.#refuse(line)
    if (line.t === 'sent' && line.with === undefined) noteStart(this.#starts, line.at)
    const ended = this.#lifecycle.take(line, this.unsettled.get(line.seq)?.doubts)
    if (ended !== undefined) this.#end(ended)
    else if (line.t === 'observed') this.awaiting.delete(line.seq)
  }

  #refuse({ seq, outcome, object, fields = [] }: RefusedEntry): void {
    const open = this.#lifecycle.get(seq)
    if (open !== undefined) this.#attempts.set(seq, open.attempts)
    this.unsettled.delete(seq)
    this.outcomes.set(seq, outcome, this.legs.length)
    if (outcome === 'invalid' && !this.facts.isAudit) this.#overtaken.watch(seq, object.user, fields)
  }

  #end(ended: Ended): void {
    const { seq, object, attempts, doubts, outcome, line } = ended
    this.outcomes.set(seq, outcome, this.legs.length)
    // Of an audit nothing is sent again, and no row writes over another.
    if (this.facts.isAudit) return this.#onEnd(ended, this.run)
    this.#attempts.delete(seq)
    this.unsettled.delete(seq)
    this.awaiting.delete(seq)
    this.#overtaken.forget(seq)
    if (outcome === 'not_sent') this.#attempts.set(seq, attempts)
    if (outcome !== 'rejected' && outcome !== 'not_sent') {
      this.#overtaken.wrote({ ...object, seq }, outcome !== 'unknown')
    }
    if (ended.isProvisional && line?.t === 'answered')
      this.awaiting.set(seq, { seq, object, outcome, attempts, ending: line })
    if (outcome === 'unknown' || outcome === 'rejected') {
      const { raw: _raw, leftOut: _leftOut, ...addressed } = object
      const whole = outcome === 'unknown' ? { object } : {}
      const at = line?.at ?? this.facts.finishedAt
      this.unsettled.set(seq, { ...addressed, seq, outcome, attempts, doubts, at, ...whole })
      this.#overtaken.watch(seq, object.user, writtenFields(object))
    }
    this.#onEnd(ended, this.run)
  }
}

/** Reads the lines of a journal as far as they can be trusted, and calls `onLine` with each. */
export async function readState(
  lines: AsyncIterable<Line>,
  state: RunState,
  onLine: (line: Line) => void = () => {},
): Promise<void> {
  try {
    for await (const line of lines) {
      state.add(line)
      onLine(line)
    }
    state.close()
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error
    state.breakOff(error.damage)
  }
}

function noteStart(starts: number[], at: number): void {
  starts.push(at)
  if (starts.length > startsKeptMax * 2) starts.splice(0, startsKeptMax)
}

/** More than any window of requests that is waited for. */
const startsKeptMax = 100_000
