import { occurrenceField } from '../braze/fields.ts'
import { readMoment } from '../braze/moments.ts'
import { echoedOccurrence } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { missingReason, type Sighting, type View } from './memory.ts'
import { isNow, sameDate } from './same.ts'

/**
 * One reason for each requested value of an event or purchase, and what the response shows of it. The answer holds name, first, last and count: the name
 * is judged by the count, the time by first and last, and everything else is never echoed.
 */
export function judgeOccurrence(
  user: string,
  kind: 'events' | 'purchases',
  body: JsonObject,
  echoed: JsonObject,
  othersListed: boolean,
  view: View,
): { reasons: ReasonCode[]; sightings: Sighting[] } {
  const nameField = occurrenceField[kind]
  const name = body[nameField] ?? null
  const occurrence = echoedOccurrence(echoed, kind, name)
  const key = textOf(name)
  const reasonsBy = (judgeValue: (field: string) => ReasonCode) =>
    valuesOf(kind, body).map(({ field }) =>
      field === nameField || field === 'time' ? judgeValue(field) : 'details_not_echoed',
    )
  if (occurrence === undefined) {
    const missing = missingReason(kind, key, othersListed, view.memory)
    const sighting = { name: key, number: null, ...(othersListed ? {} : { isListed: false }) }
    return { reasons: reasonsBy(() => missing), sightings: [sighting] }
  }
  const { first, last: latest, count } = occurrence
  const before = view.memory.last(user, kind, key)
  const adds = kind === 'purchases' && typeof body['quantity'] === 'number' ? body['quantity'] : 1
  const reasons = reasonsBy(field =>
    field === 'time'
      ? judgeTime(textOf(body['time']), first, latest, view.at)
      : judgeCount(count, before, adds, view.repeated),
  )
  return { reasons, sightings: [{ name: key, number: count, isListed: true }] }
}

function judgeCount(count: number, last: number | undefined, adds: number, repeated: boolean): ReasonCode {
  if (last === undefined) return 'count_baseline_unknown'
  if (count === last + adds) return 'event_counted'
  // Counted twice, it is higher than counted once; one that is lower has another cause.
  return repeated && count > last + adds ? 'possible_duplicate' : 'count_unexpected'
}

/** `first` is passed over where it is no real date: the documentation itself shows one (`2022-01-001T…`). */
function judgeTime(requested: string, first: string, last: string, at: number): ReasonCode {
  if (requested === last) return 'exact'
  const same = sameDate(requested, last)
  if (same !== undefined) return same
  const asked = readMoment(requested)?.ms
  const latest = readMoment(last)?.ms
  if (asked === undefined || latest === undefined) return 'date_unreadable'
  if (asked < latest) return asked >= (readMoment(first)?.ms ?? asked) ? 'later_event_exists' : 'unexplained'
  return asked > at && isNow(latest, at) ? 'future_clamped' : 'unexplained'
}
