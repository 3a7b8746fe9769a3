import { leavesDoubt } from '../braze/statuses.ts'
import type { Outcome } from '../model/outcome.ts'
import type { AnsweredEntry, LostEntry, ObservedEntry, RefusedEntry, SentEntry, SentObject } from './entry.ts'

/** A line that is about one object. */
export type ObjectLine = SentEntry | AnsweredEntry | LostEntry | ObservedEntry | RefusedEntry

/** A line that can end an object which had left. */
export type EndLine = AnsweredEntry | LostEntry | ObservedEntry

/** An object that has left and has not ended. */
export interface Open {
  object: SentObject
  /** Requests of all processes. */
  attempts: number
  /** Those of them that may have been applied although no response says so. */
  doubts: number
  /** A request has left, and no line says what came of it. */
  isInFlight: boolean
}

/** The end of an object that had left. `line` is the one that ended it; null where its process was gone first. */
export interface Ended extends Omit<Open, 'isInFlight'> {
  seq: number
  outcome: Outcome
  line: EndLine | null
  /** The end that a response had given it, where a look at the profile gives it another. */
  before?: Outcome | undefined
  /** The profile is looked up, too, and may give it another end. */
  isProvisional: boolean
}

/**
 * The life of every object of one process, as the lines of the journal say it:
 *
 *     waiting ── sent ──▶ in flight ── answered or lost, with an outcome ──▶ ended
 *        │ ▲                  │
 *        │ └── without one ───┘    (it is sent again)
 *        ├── refused ───▶ ended    (it is not sent, or not again)
 *        └── observed ──▶ ended    (the profile shows what became of it)
 *
 * A response that announces a look at the profile (`looksUp`) gives an end which the next `observed` line may replace.
 * Where the process is gone, what was in flight or in doubt is `unknown`, and what only waited for its next attempt is
 * `not_sent`. The writer checks its lines against this; resume and report read theirs with it.
 */
export class Lifecycle {
  readonly #open = new Map<number, Open>()
  /** Ended by a response, and to be looked up. */
  readonly #provisional = new Map<number, Ended>()

  get(seq: number): Open | undefined {
    return this.#open.get(seq)
  }

  /** Why a line cannot follow those before it; undefined where it can. */
  misfit(line: ObjectLine): string | undefined {
    const open = this.#open.get(line.seq)
    switch (line.t) {
      case 'sent':
        if (open?.isInFlight === true) return 'it is in flight already'
        return open === undefined && line.object === undefined ? 'its object is not known' : undefined
      case 'answered':
      case 'lost':
        return open?.isInFlight === true ? undefined : 'it is not in flight'
      case 'observed':
        if (open?.isInFlight === true) return 'it is in flight'
        return line.outcome !== undefined && this.#known(line) === undefined
          ? 'its object is not known'
          : undefined
      case 'refused':
        return open?.isInFlight === true ? 'it is in flight' : undefined
    }
  }

  /**
   * Takes the next line about an object. Returns its end where the line ends one that had left. `doubtsBefore` are those
   * of earlier processes.
   */
  take(line: ObjectLine, doubtsBefore = 0): Ended | undefined {
    const open = this.#open.get(line.seq)
    if (line.t === 'sent') {
      this.#send(line, open, doubtsBefore)
      return undefined
    }
    if (line.t === 'refused') {
      this.#open.delete(line.seq)
      return undefined
    }
    if (line.t === 'observed') return this.#observe(line, open)
    if (open === undefined) return undefined
    open.isInFlight = false
    if (isDoubt(line)) open.doubts++
    if (line.outcome === undefined) return undefined
    this.#open.delete(line.seq)
    const isProvisional = line.t === 'answered' && line.looksUp === true
    const ended = { ...withoutFlight(open), seq: line.seq, outcome: line.outcome, line, isProvisional }
    if (isProvisional) this.#provisional.set(line.seq, ended)
    return ended
  }

  #observe(line: ObservedEntry, open: Open | undefined): Ended | undefined {
    const { seq, outcome, applied } = line
    const known = this.#known(line)
    const before = this.#provisional.get(seq)?.outcome
    this.#provisional.delete(seq)
    // Nothing is left of the doubt: as if no attempt had been made.
    if (applied === false && open !== undefined) open.doubts = 0
    if (outcome === undefined || known === undefined) return undefined
    this.#open.delete(seq)
    return { ...withoutFlight(known), seq, outcome, line, before, isProvisional: false }
  }

  /** The object of a look: one that is open or provisionally ended, or one of an earlier process. */
  #known({ seq, object, attempts = 0 }: ObservedEntry): Omit<Open, 'isInFlight'> | undefined {
    const earlier = object === undefined ? undefined : { object, attempts, doubts: 0 }
    return this.#open.get(seq) ?? this.#provisional.get(seq) ?? earlier
  }

  /** The request of an object did not leave after all: its line could not be made durable. */
  stay(seq: number): void {
    const open = this.#open.get(seq)
    if (open !== undefined) open.isInFlight = false
  }

  /** The process is gone: the end of all that it left open. */
  abandon(): Ended[] {
    const ended = [...this.#open].map(([seq, open]): Ended => {
      const doubts = open.doubts + (open.isInFlight ? 1 : 0)
      return {
        ...withoutFlight(open),
        seq,
        doubts,
        outcome: doubts > 0 ? 'unknown' : 'not_sent',
        line: null,
        isProvisional: false,
      }
    })
    this.#open.clear()
    this.#provisional.clear()
    return ended
  }

  #send({ seq, attempt, object }: SentEntry, open: Open | undefined, doubts: number): void {
    if (open !== undefined) {
      open.attempts = attempt
      open.isInFlight = true
    } else if (object !== undefined) {
      this.#open.set(seq, { object, attempts: attempt, doubts, isInFlight: true })
    }
  }
}

function withoutFlight({ object, attempts, doubts }: Omit<Open, 'isInFlight'>): Omit<Open, 'isInFlight'> {
  return { object, attempts, doubts }
}

/** Whether the request may have been applied although no response says so. A response that ends nothing was not readable. */
function isDoubt(line: AnsweredEntry | LostEntry): boolean {
  if (line.t === 'lost') return line.sent
  return leavesDoubt(line.status, line.outcome !== undefined && line.outcome !== 'unknown')
}
