import { valuesOf } from '../braze/values.ts'
import type { Exchange } from '../model/exchange.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { ReasonCode } from '../model/verdict.ts'
import {
  type AnsweredEntry,
  type LostEntry,
  type ObjectEntry,
  type ObservedEntry,
  packRaw,
  type RefusedEntry,
  type SentEntry,
  type SentObject,
} from './entry.ts'

/** An object in a request: which attempt this is, and in whose request it rides, if not in its own. */
export interface Sending {
  object: TrackObject
  attempt: number
  /** The first attempt of this process; later ones need not carry the object again. */
  first: boolean
}

/** The line that must be durable before a request leaves. */
export function sentLine({ object, attempt, first }: Sending, at: number, leader = object.seq): SentEntry {
  const { seq } = object
  return {
    t: 'sent',
    at,
    seq,
    attempt,
    with: ridesWith(seq, leader),
    object: first ? sentObject(object) : undefined,
  }
}

export function sentObject({
  file,
  row,
  line,
  part,
  kind,
  user,
  raw,
  body,
  leftOut,
}: TrackObject): SentObject {
  const note = leftOut.length === 0 ? undefined : `left out: ${leftOut.map(one => one.message).join(' ')}`
  return { file, row, line, part, kind, user, raw: packRaw(raw), body, leftOut: note }
}

/** What became of one object, as reconciliation sees it. */
export interface Ending {
  outcome: Outcome
  reasons: ReasonCode[]
  user: JsonObject | null
  message: string
}

/** The line of an exchange; with an end, that of the exchange that ended its object. */
export function exchangeLine(
  seq: number,
  { result, durationMs: ms }: Exchange,
  at: number,
  leader = seq,
  end?: Ending,
  looksUp = false,
): AnsweredEntry | LostEntry {
  const rides = ridesWith(seq, leader)
  if ('lost' in result) {
    const { reason, sent } = result.lost
    const ended = end === undefined ? {} : { outcome: 'unknown' as const }
    return { t: 'lost', at, seq, with: rides, reason, sent, ms, ...ended }
  }
  const { status } = result.answer
  if (end === undefined) return { t: 'answered', at, seq, with: rides, status, ms }
  const { outcome, reasons, user } = end
  const message = end.message === '' ? undefined : end.message
  return {
    t: 'answered',
    at,
    seq,
    with: rides,
    status,
    ms,
    outcome,
    reasons,
    user,
    message,
    looksUp: looksUp || undefined,
  }
}

/** What a look at the profile says of an object: its end, that nothing of it was applied, or nothing new. */
export type Observed = { end: Ending } | { applied: false } | 'nothing'

/** An object of an earlier process, with what that left on record. */
export interface Earlier {
  object: SentObject
  attempts: number
  status?: number | undefined
}

/** The line of a look. An object that this process did not send is `earlier`. */
export function observedLine(seq: number, observed: Observed, at: number, earlier?: Earlier): ObservedEntry {
  const line: ObservedEntry = { t: 'observed', at, seq, ...earlier }
  if (observed === 'nothing') return line
  if ('applied' in observed) return { ...line, applied: false }
  const { outcome, reasons, user, message } = observed.end
  return { ...line, outcome, reasons, user, message: message === '' ? undefined : message }
}

/** The line of an object that was not sent. */
export function refusedLine(
  object: TrackObject,
  outcome: RefusedEntry['outcome'],
  reason: string,
  message: string,
  at: number,
): RefusedEntry {
  const line: RefusedEntry = {
    t: 'refused',
    at,
    seq: object.seq,
    outcome,
    reason,
    message,
    object: objectEntry(object),
  }
  if (outcome === 'unchanged') return { ...line, body: object.body }
  const fields = outcome === 'invalid' ? writtenFields(object) : []
  return fields.length === 0 ? line : { ...line, fields }
}

/** The fields an object writes over; events and purchases write over nothing. */
export function writtenFields({ kind, body }: Pick<TrackObject, 'kind' | 'body'>): string[] {
  return kind === 'attributes' ? valuesOf(kind, body).map(({ field }) => field) : []
}

function ridesWith(seq: number, leader: number): number | undefined {
  return leader === seq ? undefined : leader
}

function objectEntry({ file, row, line, part, kind, user, raw }: TrackObject): ObjectEntry {
  return { file, row, line, part, kind, user, raw: packRaw(raw) }
}
