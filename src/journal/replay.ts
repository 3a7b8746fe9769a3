import type { Account } from '../model/account.ts'
import { valuesOf } from '../model/value.ts'
import type { AnsweredEntry, EndEntry, Entry, LostEntry, PlannedEntry, RefusedEntry, RunEntry, SentEntry } from './entry.ts'
import { unpackRaw } from './raw.ts'

/** What the journal says of the run as a whole; complete once all accounts were read. */
export interface RunRecord {
  run: RunEntry | null
  planned: PlannedEntry | null
  end: EndEntry | null
  requests: RequestFigures
}

export interface RequestFigures {
  sent: number
  answered: number
  retried: number
  rateLimited: number
  firstAt: number
  lastAt: number
  /** Answers per millisecond of latency; what is slower than the last counts there. */
  latency: Uint32Array
}

/**
 * The journal as one account an object, in input order. Objects end out of order, but never far: what waits for an
 * earlier one is no more than delivery reads ahead.
 */
export async function* replay(entries: AsyncIterable<Entry>, record: RunRecord): AsyncGenerator<Account> {
  const open = new Map<number, { sent: SentEntry; attempts: number }>()
  const ended = new Map<number, Account>()
  let next = 0

  for await (const entry of entries) {
    if (entry.t === 'run') record.run = entry
    else if (entry.t === 'planned') record.planned = entry
    else if (entry.t === 'end') record.end = entry
    else {
      count(record.requests, entry)
      if (entry.t === 'sent') {
        const known = open.get(entry.seq)
        open.set(entry.seq, { sent: known?.sent ?? entry, attempts: entry.attempt })
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
  }
  for (const [seq, { sent, attempts }] of open) {
    const account = accountOf(sent, attempts)
    if (account !== undefined) ended.set(seq, { ...account, message: 'no answer was recorded' })
  }
  yield* [...ended.values()].toSorted((a, b) => a.seq - b.seq)
}

export function newRecord(): RunRecord {
  const latency = new Uint32Array(120_001)
  const requests = { sent: 0, answered: 0, retried: 0, rateLimited: 0, firstAt: 0, lastAt: 0, latency }
  return { run: null, planned: null, end: null, requests }
}

function count(figures: RequestFigures, entry: SentEntry | AnsweredEntry | LostEntry | RefusedEntry): void {
  if (entry.t === 'sent') {
    figures.sent++
    if (entry.attempt > 1) figures.retried++
    if (figures.firstAt === 0) figures.firstAt = entry.at
    figures.lastAt = entry.at
  } else if (entry.t === 'answered') {
    figures.answered++
    if (entry.status === 429) figures.rateLimited++
    const slot = Math.min(figures.latency.length - 1, Math.max(0, Math.round(entry.ms)))
    figures.latency[slot] = (figures.latency[slot] ?? 0) + 1
  }
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
  return { ...account, outcome, reasons, echoed: user, message, httpStatus: entry.status, durationMs: entry.ms }
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
