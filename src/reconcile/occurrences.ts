import { echoedOccurrence } from '../model/echo.ts'
import { occurrenceField } from '../model/fields.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import { readMoment } from '../model/time.ts'
import { valuesOf } from '../model/value.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { Memory } from './memory.ts'
import { sameDate } from './same.ts'

/** How far the API's clock may be from ours when a time in the future was replaced by now. */
const clockSkewMs = 5 * 60_000

/**
 * One reason for each requested value of an event or purchase. The answer holds name, first, last and count: the name
 * is judged by the count, the time by first and last, and everything else is never echoed.
 */
export function judgeOccurrence(
  user: string,
  kind: 'events' | 'purchases',
  body: JsonObject,
  echoed: JsonObject,
  at: number,
  memory: Memory,
): ReasonCode[] {
  const nameField = occurrenceField[kind]
  const name = body[nameField] ?? null
  const occurrence = echoedOccurrence(echoed, kind, name)
  const memoryName = `${kind} ${textOf(name)}`
  const last = memory.last(user, memoryName)
  if (occurrence === undefined) memory.forget(user, memoryName)
  else memory.remember(user, memoryName, occurrence.count)

  return valuesOf(kind, body).map(({ field, requested }): ReasonCode => {
    if (field !== nameField && field !== 'time') return 'details_not_echoed'
    if (occurrence === undefined) return 'key_missing'
    if (field === 'time') return judgeTime(textOf(requested), occurrence.first, occurrence.last, at)
    if (last === undefined) return 'count_baseline_unknown'
    const adds = kind === 'purchases' && typeof body['quantity'] === 'number' ? body['quantity'] : 1
    return occurrence.count === last + adds ? 'event_counted' : 'count_unexpected'
  })
}

/** `first` is passed over where it is no real date: the documentation itself shows one (`2022-01-001T…`). */
function judgeTime(requested: string, first: string, last: string, at: number): ReasonCode {
  if (requested === last) return 'exact'
  const same = sameDate(requested, last)
  if (same !== undefined) return same
  const asked = readMoment(requested)?.ms
  const latest = readMoment(last)?.ms
  if (asked === undefined || latest === undefined) return 'reply_malformed'
  if (asked < latest) return asked >= (readMoment(first)?.ms ?? asked) ? 'later_event_exists' : 'unexplained'
  return asked > at && Math.abs(latest - at) <= clockSkewMs ? 'future_clamped' : 'unexplained'
}
