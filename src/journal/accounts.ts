import { valuesOf } from '../braze/values.ts'
import type { Account } from '../model/account.ts'
import { type RefusedEntry, type SentObject, unpackRaw } from './entry.ts'
import { type EndLine, Lifecycle, type ObjectLine } from './lifecycle.ts'
import type { Line } from './line.ts'
import type { OpenJournal } from './reader.ts'
import type { RunState } from './run-state.ts'

/**
 * A run as one account an object, in input order. Where the run has several legs, an object's account is in the last one
 * it came up in. In each leg objects end out of order, but never far: what waits for an earlier one is no more than
 * delivery reads ahead. All legs are read from one open file, which is closed however reading ends.
 */
export async function* readAccounts(
  state: RunState,
  open: (readers: number) => Promise<OpenJournal>,
): AsyncGenerator<Account> {
  const { outcomes, legs } = state
  const journal = await open(legs.length)
  const readers: LegReader[] = []
  try {
    for (const [i, leg] of legs.entries()) readers.push(new LegReader(journal.lines(leg), i + 1, state))
    for (let seq = 0; seq < outcomes.length; seq++) {
      const account = await readers[outcomes.leg(seq) - 1]?.find(seq)
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
  readonly #state: RunState
  readonly #lifecycle = new Lifecycle()
  readonly #accounts = new Map<number, Account>()
  /** Those that a look at the profile may still change. */
  readonly #provisional = new Map<number, Account>()

  constructor(lines: AsyncGenerator<Line>, number: number, state: RunState) {
    this.#lines = lines
    this.#number = number
    this.#state = state
  }

  async find(seq: number): Promise<Account | undefined> {
    for (let account = this.#pick(seq); ; account = this.#pick(seq)) {
      if (account !== undefined) return account
      const next = await this.#lines.next()
      if (next.done === true) return this.#abandoned(seq)
      const { entry } = next.value
      // What a later leg says of an object is read there.
      if ('seq' in entry && this.#state.outcomes.leg(entry.seq) === this.#number) this.#take(entry)
    }
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined)
  }

  #pick(seq: number): Account | undefined {
    const account = this.#accounts.get(seq)
    this.#accounts.delete(seq)
    return account
  }

  #take(line: ObjectLine): void {
    const { seq } = line
    const attempts = this.#lifecycle.get(seq)?.attempts ?? this.#state.earlier(seq)?.attempts ?? 0
    const before = this.#provisional.get(seq)
    const ended = this.#lifecycle.take(line)
    if (line.t === 'refused') this.#keep(this.#refused(line, attempts))
    else if (ended?.line != null) {
      const account = settled(ended.line, ended.object, ended.attempts, before)
      if (ended.isProvisional) this.#provisional.set(seq, account)
      else this.#keep(account)
    } else if (line.t === 'observed' && before !== undefined) this.#keep(before)
  }

  #keep(account: Account): void {
    this.#provisional.delete(account.seq)
    this.#accounts.set(account.seq, this.#withOvertaken(account))
  }

  /** What was not sent here may have been sent where the journal is damaged. */
  #refused(line: RefusedEntry, attempts: number): Account {
    const account = refused(line, attempts)
    if (account.outcome === this.#state.outcomes.outcome(line.seq)) return account
    return {
      ...account,
      outcome: 'unknown',
      reason: '',
      message: 'its outcome can no longer be read',
    }
  }

  /** What no line of the leg has ended for good is what its process left open. */
  #abandoned(seq: number): Account | undefined {
    const provisional = this.#provisional.get(seq)
    if (provisional !== undefined) return this.#withOvertaken(provisional)
    const open = this.#lifecycle.get(seq)
    if (open === undefined) return undefined
    const account = sent(seq, open.object, open.attempts)
    if (this.#state.outcomes.outcome(seq) === 'unknown') {
      return this.#withOvertaken({ ...account, message: 'no response was recorded' })
    }
    const message = 'the process ended before it could be sent again'
    return { ...account, body: null, reasons: [], outcome: 'not_sent', reason: 'not_sent', message }
  }

  #withOvertaken(account: Account): Account {
    const overtakenBy = this.#state.overtakenBy(account.seq)
    return overtakenBy === undefined ? account : { ...account, overtakenBy }
  }
}

function refused({ seq, object, outcome, reason, message, body }: RefusedEntry, attempts: number): Account {
  const { raw, ...place } = object
  const wanted = body === undefined ? {} : { wanted: body }
  return { ...empty(seq), ...place, outcome, reason, message, attempts, raw: unpackRaw(raw), ...wanted }
}

/** `before` is the account that a response gave, where a look at the profile adds to it. */
function settled(entry: EndLine, object: SentObject, attempts: number, before?: Account): Account {
  const account = before ?? sent(entry.seq, object, attempts)
  const { at: endedAt } = entry
  if (entry.t === 'observed') {
    const { outcome = 'unknown', reasons = account.reasons, user = account.echoed } = entry
    const { message = account.message, status: httpStatus = account.httpStatus } = entry
    return { ...account, outcome, reasons, echoed: user, message, httpStatus, endedAt }
  }
  if (entry.t === 'lost') return { ...account, durationMs: entry.ms, endedAt, message: entry.reason }
  const { outcome = 'unknown', reasons = account.reasons, user = null, message = account.message } = entry
  const { status: httpStatus, ms: durationMs } = entry
  return { ...account, outcome, reasons, echoed: user, message, httpStatus, durationMs, endedAt }
}

/** The account of an object that was sent, before any response: unknown. */
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
