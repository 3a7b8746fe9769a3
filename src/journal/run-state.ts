import { isIdempotent, type Replay } from '../braze/idempotency.ts'
import { statusOf } from '../braze/statuses.ts'
import type { Damage } from '../model/damage.ts'
import type { Outcome } from '../model/outcome.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Unsettled } from '../model/track-object.ts'
import type {
  AnsweredEntry,
  Entry,
  LostEntry,
  RefusedEntry,
  RunEntry,
  SentEntry,
  SentObject,
} from './entry.ts'
import { Facts } from './facts.ts'
import { JournalDamaged, journalStart, type Line, type Part, type Point } from './line.ts'
import { Marks } from './outcome-index.ts'
import { Overtaken } from './overtaken.ts'
import { writtenFields } from './to-entry.ts'

/** One process's part of the journal. */
export type Leg = Part

/** An object that was sent and did not end well, with what was done for it. */
export type Left = Unsettled & { attempts: number; doubts: number }

/** An object that was sent and has not ended. */
interface Open {
  object: SentObject
  attempts: number
  doubts: number
  /** A request has left and nothing is recorded of its answer. */
  isAwaited: boolean
}

/** Told of every object that was sent and has ended; without an entry where a process left it open. */
export type Ended = (
  object: SentObject,
  entry: AnsweredEntry | LostEntry | null,
  run: RunEntry | null,
) => void

/** Where every object of a run stands, as its journal has it. Of what ended well, two bytes an object are kept. */
export class Standing {
  run: RunEntry | null = null
  /** The key the run was last sent with. */
  keyFingerprint = ''
  /** Behind the last line that was taken up. */
  whole: Point = journalStart
  /** Where the journal is damaged; everything here is of what stands before that. */
  damage: Damage | null = null
  readonly legs: Leg[] = []
  /** Objects that were rejected or are unknown. */
  readonly left = new Map<number, Left>()
  readonly marks = new Marks()
  /** Requests so far for objects that were certainly not applied and go on. */
  readonly #attempts = new Map<number, number>()
  readonly #overtaken = new Overtaken()
  readonly #open = new Map<number, Open>()
  readonly #facts = new Facts()
  readonly #starts: number[] = []
  /** Unknown objects that are sent again, by how lost answers may be replayed; for as long as nothing is added. */
  readonly #sentAgain = new Map<Replay, ReadonlySet<number>>()
  readonly #ended: Ended

  constructor(ended: Ended = () => {}) {
    this.#ended = ended
  }

  get facts(): RunFacts {
    return this.#facts.facts
  }

  /** When the last requests left, oldest first: as many as a window can hold. */
  get starts(): readonly number[] {
    return this.#starts
  }

  add({ entry, from, to }: Line): void {
    const why = this.#misplaced(entry)
    if (why !== undefined)
      throw new JournalDamaged('The journal', { line: from.line + 1, byte: from.byte, why })
    this.whole = to
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
    else if (entry.t === 'sent') this.#sent(entry)
    else if (entry.t === 'refused') this.#refused(entry)
    else if (entry.t === 'answered' || entry.t === 'lost') this.#exchanged(entry)
  }

  /** The process is gone; what it left open is unknown if a request for it may have been applied, else not sent. */
  close(): void {
    this.#sentAgain.clear()
    for (const [seq, open] of this.#open) {
      const doubts = open.doubts + (open.isAwaited ? 1 : 0)
      this.#end(seq, { ...open, doubts }, doubts > 0 ? 'unknown' : 'not_sent')
      this.#ended(open.object, null, this.run)
    }
    this.#open.clear()
  }

  /** The journal cannot be read on. What had not ended for good may have been sent since: nothing is certain of it. */
  breakOff(damage: Damage): void {
    this.close()
    this.damage = damage
    Object.assign(this.facts, { damage, status: null, stop: null, unread: 0 })
    for (let seq = 0; seq < this.marks.length; seq++) {
      const outcome = this.marks.outcome(seq)
      if (outcome === 'held' || outcome === 'not_sent') this.marks.set(seq, 'unknown', this.marks.leg(seq))
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
    const left = this.left.get(seq)
    const attempts = left?.attempts ?? this.#attempts.get(seq)
    return attempts === undefined ? undefined : { attempts, doubts: left?.doubts ?? 0 }
  }

  /** Whether there is still something to do for an object, if lost answers may be replayed so. */
  isOpen(seq: number, replay: Replay): boolean {
    return this.#isOpen(seq, this.#sentAgain.get(replay) ?? this.#findSentAgain(replay))
  }

  #isOpen(seq: number, sentAgain: ReadonlySet<number>): boolean {
    const outcome = this.marks.outcome(seq)
    if (outcome === undefined || outcome === 'held' || outcome === 'not_sent') return true
    return outcome === 'unknown' && sentAgain.has(seq)
  }

  /** The unknown objects that are sent again. The latest is looked at first, because the others may hang on it. */
  #findSentAgain(replay: Replay): ReadonlySet<number> {
    const found = new Set<number>()
    for (const left of [...this.left.values()].toSorted((a, b) => b.seq - a.seq)) {
      if (left.outcome !== 'unknown' || replay === 'none') continue
      if (replay === 'all' || this.#isHarmlessAgain(left, found)) found.add(left.seq)
    }
    this.#sentAgain.set(replay, found)
    return found
  }

  #isHarmlessAgain({ seq, kind, body }: Left, sentAgain: ReadonlySet<number>): boolean {
    if (kind === null || !isIdempotent(kind, body)) return false
    // What a later row has written would be undone, which is harm, too; unless that row is sent again behind this one.
    if (this.#overtaken.appliedBy(seq) !== undefined) return false
    return [...this.#overtaken.maybeBy(seq).keys()].every(later => this.#isOpen(later, sentAgain))
  }

  /** The row that has written what this object, which did not get through, was to write; as people say its place. */
  overtakenBy(seq: number): string | undefined {
    const [maybe] = this.marks.outcome(seq) === 'unknown' ? [] : this.#overtaken.maybeBy(seq).values()
    return this.#overtaken.appliedBy(seq) ?? maybe
  }

  #sent({ seq, object, attempt, at, with: leader }: SentEntry): void {
    const open = this.#open.get(seq)
    if (leader === undefined) {
      this.#starts.push(at)
      if (this.#starts.length > startsKeptMax * 2) this.#starts.splice(0, startsKeptMax)
    }
    if (open !== undefined) Object.assign(open, { attempts: attempt, isAwaited: true })
    else if (object !== undefined) {
      const doubts = this.left.get(seq)?.doubts ?? 0
      this.#open.set(seq, { object, attempts: attempt, doubts, isAwaited: true })
    }
  }

  #exchanged(entry: AnsweredEntry | LostEntry): void {
    const open = this.#open.get(entry.seq)
    if (open === undefined) return
    open.isAwaited = false
    if (leavesDoubt(entry)) open.doubts++
    if (entry.outcome === undefined) return
    this.#open.delete(entry.seq)
    this.#end(entry.seq, open, entry.outcome)
    this.#ended(open.object, entry, this.run)
  }

  #refused({ seq, outcome, object, fields = [] }: RefusedEntry): void {
    const open = this.#open.get(seq)
    this.#open.delete(seq)
    if (open !== undefined) this.#attempts.set(seq, open.attempts)
    this.left.delete(seq)
    this.marks.set(seq, outcome, this.legs.length)
    if (outcome === 'invalid') this.#overtaken.watch(seq, object.user, fields)
  }

  #end(seq: number, { object, attempts, doubts }: Open, outcome: Outcome): void {
    this.marks.set(seq, outcome, this.legs.length)
    this.#attempts.delete(seq)
    this.left.delete(seq)
    this.#overtaken.forget(seq)
    if (outcome === 'not_sent') this.#attempts.set(seq, attempts)
    if (outcome === 'unknown' || outcome === 'rejected') {
      const { raw: _raw, leftOut: _leftOut, ...addressed } = object
      this.left.set(seq, { ...addressed, seq, outcome, attempts, doubts })
    }
    if (outcome !== 'rejected' && outcome !== 'not_sent') {
      this.#overtaken.wrote({ ...object, seq }, outcome !== 'unknown')
    }
    if (outcome === 'unknown' || outcome === 'rejected') {
      this.#overtaken.watch(seq, object.user, writtenFields(object))
    }
  }
}

/** Takes up the lines of a journal as far as they can be trusted; `taken` is told of each. */
export async function takeUp(
  lines: AsyncIterable<Line>,
  standing: Standing,
  taken: (line: Line) => void = () => {},
): Promise<void> {
  try {
    for await (const line of lines) {
      standing.add(line)
      taken(line)
    }
    standing.close()
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error
    standing.breakOff(error.damage)
  }
}

/** Whether a request may have been applied although no answer says so. An answer that ends nothing could not be read. */
function leavesDoubt(entry: AnsweredEntry | LostEntry): boolean {
  if (entry.t === 'lost') return entry.sent
  const { applied, follows } = statusOf(entry.status)
  const isUnread = follows === 'judge' && (entry.outcome === undefined || entry.outcome === 'unknown')
  return applied === 'maybe' || isUnread
}

/** More than any window of requests that is waited for. */
const startsKeptMax = 100_000
