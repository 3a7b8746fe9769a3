import { valuesOf } from '../braze/values.ts'
import type { Account } from '../model/account.ts'
import { type AnsweredEntry, type LostEntry, type RefusedEntry, type SentObject, unpackRaw } from './entry.ts'
import type { Line } from './line.ts'
import type { OpenJournal } from './reader.ts'
import type { Standing } from './run-state.ts'

/**
 * A run as one account an object, in input order. Where the run has several legs, an object's account is in the last one
 * it came up in. In each leg objects end out of order, but never far: what waits for an earlier one is no more than
 * delivery reads ahead. All legs are read from one open file, and that is closed whoever stops reading, and why.
 */
export async function* replay(
  standing: Standing,
  open: (readers: number) => Promise<OpenJournal>,
): AsyncGenerator<Account> {
  const { marks, legs } = standing
  const journal = await open(legs.length)
  const readers: LegReader[] = []
  try {
    for (const [i, leg] of legs.entries()) readers.push(new LegReader(journal.lines(leg), i + 1, standing))
    for (let seq = 0; seq < marks.length; seq++) {
      const account = await readers[marks.leg(seq) - 1]?.find(seq)
      if (account !== undefined) yield account
    }
  } finally {
    for (const reader of readers) await reader.close()
    await journal.close()
  }
}

/** Reads a leg as far as it has to for the object that is asked for. */
class LegReader {
  readonly #lines: AsyncGenerator<Line>
  readonly #number: number
  readonly #standing: Standing
  readonly #open = new Map<number, { object: SentObject; attempts: number }>()
  readonly #ended = new Map<number, Account>()

  constructor(lines: AsyncGenerator<Line>, number: number, standing: Standing) {
    this.#lines = lines
    this.#number = number
    this.#standing = standing
  }

  async find(seq: number): Promise<Account | undefined> {
    for (let account = this.#take(seq); ; account = this.#take(seq)) {
      if (account !== undefined) return account
      const next = await this.#lines.next()
      if (next.done === true) return this.#leftOpen(seq)
      this.#read(next.value)
    }
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined)
  }

  #take(seq: number): Account | undefined {
    const account = this.#ended.get(seq)
    this.#ended.delete(seq)
    return account
  }

  #read({ entry }: Line): void {
    if (entry.t !== 'sent' && entry.t !== 'answered' && entry.t !== 'lost' && entry.t !== 'refused') return
    const { seq } = entry
    // What a later leg says anew is read there.
    if (this.#standing.marks.leg(seq) !== this.#number) return
    const open = this.#open.get(seq)
    if (entry.t === 'sent') {
      const object = open?.object ?? entry.object
      if (object !== undefined) this.#open.set(seq, { object, attempts: entry.attempt })
      return
    }
    if (entry.outcome === undefined) return
    const attempts = open?.attempts ?? this.#standing.earlier(seq)?.attempts ?? 0
    const account =
      entry.t === 'refused' ? this.#refused(entry, attempts) : open && ended(entry, open.object, attempts)
    this.#open.delete(seq)
    if (account !== undefined) this.#ended.set(seq, this.#withOvertaken(account))
  }

  /** What was not sent here may have been sent where the journal is damaged. */
  #refused(entry: RefusedEntry, attempts: number): Account {
    const account = refused(entry, attempts)
    if (account.outcome === this.#standing.marks.outcome(entry.seq)) return account
    return {
      ...account,
      outcome: 'unknown',
      reason: '',
      message: 'what became of it is not to be read any more',
    }
  }

  /** What no line of the leg has ended is what its process left open. */
  #leftOpen(seq: number): Account | undefined {
    const open = this.#open.get(seq)
    if (open === undefined) return undefined
    const account = sent(seq, open.object, open.attempts)
    if (this.#standing.marks.outcome(seq) === 'unknown') {
      return this.#withOvertaken({ ...account, message: 'no answer was recorded' })
    }
    const message = 'the process ended before it could be sent again'
    return { ...account, body: null, reasons: [], outcome: 'not_sent', reason: 'not_sent', message }
  }

  #withOvertaken(account: Account): Account {
    const overtakenBy = this.#standing.overtakenBy(account.seq)
    return overtakenBy === undefined ? account : { ...account, overtakenBy }
  }
}

function refused({ seq, object, outcome, reason, message }: RefusedEntry, attempts: number): Account {
  const { raw, ...place } = object
  return { ...empty(seq), ...place, outcome, reason, message, attempts, raw: unpackRaw(raw) }
}

function ended(entry: AnsweredEntry | LostEntry, object: SentObject, attempts: number): Account {
  const account = sent(entry.seq, object, attempts)
  const { at: endedAt } = entry
  if (entry.t === 'lost') return { ...account, durationMs: entry.ms, endedAt, message: entry.reason }
  const { outcome = 'unknown', reasons = account.reasons, user = null, message = account.message } = entry
  const { status: httpStatus, ms: durationMs } = entry
  return { ...account, outcome, reasons, echoed: user, message, httpStatus, durationMs, endedAt }
}

/** The account of an object that was sent, as it stands before any answer: unknown. */
function sent(seq: number, object: SentObject, attempts: number): Account {
  const { raw, body, leftOut = '', ...place } = object
  const reasons = object.kind === null ? [] : valuesOf(object.kind, body).map(() => 'answer_lost' as const)
  return { ...empty(seq), ...place, body, reasons, attempts, message: leftOut, raw: unpackRaw(raw) }
}

function empty(seq: number): Account {
  return {
    seq,
    file: '',
    row: 0,
    line: 0,
    part: 0,
    kind: null,
    user: '',
    outcome: 'unknown',
    reason: '',
    message: '',
    httpStatus: null,
    attempts: 0,
    durationMs: null,
    endedAt: null,
    body: null,
    echoed: null,
    reasons: [],
    raw: null,
    overtakenBy: null,
  }
}
