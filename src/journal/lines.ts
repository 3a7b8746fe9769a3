import type { Exchange } from '../model/exchange.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { AnsweredEntry, LostEntry, ObjectEntry, RefusedEntry, SentEntry } from './entry.ts'
import { packRaw } from './raw.ts'

/** The line that must be durable before a request leaves. The first attempt carries the object, later ones its number. */
export function sentLine(object: TrackObject, attempt: number, at: number): SentEntry {
  const { seq, body, leftOut } = object
  if (attempt > 1) return { t: 'sent', at, seq, attempt }
  const told =
    leftOut.length === 0 ? {} : { leftOut: `left out: ${leftOut.map(one => one.message).join(' ')}` }
  return { t: 'sent', at, seq, attempt, object: { ...objectEntry(object), body, ...told } }
}

/** The line of an exchange; with an end, that of the exchange that ended its object. */
export function exchangeLine(
  seq: number,
  { result, durationMs: ms }: Exchange,
  at: number,
  end?: { outcome: Outcome; reasons: ReasonCode[]; user: JsonObject | null; message: string },
): AnsweredEntry | LostEntry {
  if ('lost' in result) {
    return {
      t: 'lost',
      at,
      seq,
      reason: result.lost.reason,
      ms,
      ...(end === undefined ? {} : { outcome: 'unknown' }),
    }
  }
  const { outcome, reasons, user, message = '' } = end ?? {}
  const told = outcome === undefined ? {} : { outcome, reasons: reasons ?? [], user: user ?? null }
  return {
    t: 'answered',
    at,
    seq,
    status: result.answer.status,
    ms,
    ...told,
    ...(message === '' ? {} : { message }),
  }
}

/** The line of an object that was not sent. */
export function refusedLine(
  object: TrackObject,
  outcome: RefusedEntry['outcome'],
  reason: string,
  message: string,
  at: number,
): RefusedEntry {
  return { t: 'refused', at, seq: object.seq, outcome, reason, message, object: objectEntry(object) }
}

function objectEntry({ file, row, line, part, kind, user, raw }: TrackObject): ObjectEntry {
  return { file, row, line, part, kind, user, raw: packRaw(raw) }
}
