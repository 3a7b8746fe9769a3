import { occurrenceField } from '../braze/fields.ts'
import { readMoment } from '../braze/moments.ts'
import { echoedOccurrence } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { Sighting } from './memory.ts'
import { isNow, sameDate } from './same.ts'
import type { View } from './view.ts'

/**
 * One reason for each requested value of an event or purchase, and what the response shows of it. It has name, first,
 * last and count: the name is judged by the count, the time by first and last, and everything else is never echoed.
 */
export function judgeOccurrence(
  kind: 'events' | 'purchases',
  body: JsonObject,
  echoed: JsonObject,
  othersListed: boolean,
  view: View,
): { reasons: ReasonCode[]; sightings: Sighting[] } {
  const name = body[occurrenceField[kind]] ?? null
  const occurrence = echoedOccurrence(echoed, kind, name)
  const key = textOf(name)
  const details = 'details_not_echoed'
  if (occurrence === undefined) {
    const missing = othersListed ? 'extra_key' : view.missing(kind, key, name)
    const sighting = { name: key, number: null, ...(othersListed ? {} : { isListed: false }) }
    return { reasons: occurrenceReasons(kind, body, missing, missing, details), sightings: [sighting] }
  }
  const { count } = occurrence
  const expected = view.numberAfter(kind, key, addsOf(kind, body))
  const counted =
    expected === undefined ? 'count_baseline_unknown' : judgeCount(count, expected, view.repeated)
  const timed = judgeTime(textOf(body['time']), occurrence, view.at)
  return {
    reasons: occurrenceReasons(kind, body, counted, timed, details),
    sightings: [{ name: key, number: count, isListed: true }],
  }
}

/** The reasons of an event or purchase in the order of its values: of the name, of the time, and of all else. */
export function occurrenceReasons(
  kind: 'events' | 'purchases',
  body: JsonObject,
  name: ReasonCode,
  time: ReasonCode,
  details: ReasonCode,
): ReasonCode[] {
  return valuesOf(kind, body).map(({ field }) =>
    field === occurrenceField[kind] ? name : field === 'time' ? time : details,
  )
}

/** What an object adds to the count; that it is the quantity of a purchase is inferred. */
export function addsOf(kind: 'events' | 'purchases', { quantity }: JsonObject): number {
  return kind === 'purchases' && typeof quantity === 'number' ? quantity : 1
}

export function judgeCount(count: number, expected: number, repeated: boolean): ReasonCode {
  if (count === expected) return 'event_counted'
  // Counted twice, it is higher than counted once; one that is lower has another cause.
  return repeated && count > expected ? 'possible_duplicate' : 'count_unexpected'
}

/** `first` is passed over where it is no real date: the documentation itself shows one (`2022-01-001T…`). */
export function judgeTime(
  requested: string,
  { first, last }: { first: string; last: string },
  at: number,
): ReasonCode {
  if (requested === last) return 'exact'
  const same = sameDate(requested, last)
  if (same !== undefined) return same
  const asked = readMoment(requested)?.ms
  const latest = readMoment(last)?.ms
  if (asked === undefined || latest === undefined) return 'date_unreadable'
  if (asked < latest) return asked >= (readMoment(first)?.ms ?? asked) ? 'later_event_exists' : 'unexplained'
  return asked > at && isNow(latest, at) ? 'future_clamped' : 'unexplained'
}
