import type { Account } from '../model/account.ts'
import type { RunFacts } from '../model/run-facts.ts'
import { valuesOf } from '../model/value.ts'
import type { AnsweredEntry, Entry, LostEntry, RefusedEntry, SentEntry } from './entry.ts'
import { tellFacts } from './facts.ts'
import { unpackRaw } from './raw.ts'

/**
 * The journal as one account an object, in input order; what it says of the run goes into `facts`, which is complete
 * once the last account was read. Objects end out of order, but never far: what waits for an
 * earlier one is no more than delivery reads ahead.
 */
export async function* replay(entries: AsyncIterable<Entry>, facts: RunFacts): AsyncGenerator<Account> {
  const open = new Map<number, { sent: SentEntry; attempts: number }>()
  const ended = new Map<number, Account>()
  let next = 0

  for await (const entry of entries) {
    tellFacts(facts, entry)
    if (entry.t === 'run' || entry.t === 'planned' || entry.t === 'end') continue
    if (entry.t === 'sent') {
      open.set(entry.seq, { sent: open.get(entry.seq)?.sent ?? entry, attempts: entry.attempt })
      continue
    }
    if (entry.outcome === undefined) continue
    const account = close(entry, open.get(entry.seq))
    open.delete(entry.seq)
    if (account === undefined) continue
    ended.set(entry.seq, account)
    for (let found = ended.get(next); found !== undefined; found = ended.get(next)) {
      yield found
      ended.delete(next++)
    }
  }
  for (const [seq, { sent, attempts }] of open) {
    const account = accountOf(sent, attempts)
    if (account !== undefined) ended.set(seq, { ...account, message: 'no answer was recorded' })
  }
  yield* [...ended.values()].toSorted((a, b) => a.seq - b.seq)
}

function close(
  entry: AnsweredEntry | LostEntry | RefusedEntry,
  under: { sent: SentEntry; attempts: number } | undefined,
): Account | undefined {
  if (entry.t === 'refused') {
    const { raw, ...object } = entry.object
    return {
      ...empty(entry.seq),
      ...object,
      outcome: entry.outcome,
      reason: entry.reason,
      message: entry.message,
      attempts: under?.attempts ?? 0,
      raw: unpackRaw(raw),
    }
  }
  const account = under === undefined ? undefined : accountOf(under.sent, under.attempts)
  if (account === undefined) return undefined
  if (entry.t === 'lost') return { ...account, durationMs: entry.ms, message: entry.reason }
  const { outcome = 'unknown', reasons = account.reasons, user = null, message = account.message } = entry
  return {
    ...account,
    outcome,
    reasons,
    echoed: user,
    message,
    httpStatus: entry.status,
    durationMs: entry.ms,
  }
}

/** The account of an object that was sent, as it stands before any answer: unknown. */
function accountOf({ seq, object }: SentEntry, attempts: number): Account | undefined {
  if (object === undefined) return undefined
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
    body: null,
    echoed: null,
    reasons: [],
    raw: null,
  }
}
