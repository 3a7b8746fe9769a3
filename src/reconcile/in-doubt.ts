import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import { profileFor } from '../braze/exported-profile.ts'
import { occurrenceField } from '../braze/fields.ts'
import { isIdempotent } from '../braze/idempotency.ts'
import { readMoment } from '../braze/moments.ts'
import { echoedOccurrence, returnedValue } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Observation } from '../model/observation.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { addsOf } from './judge-occurrence.ts'
import { judgeProfile } from './judge-profile.ts'
import { namesOf } from './memory.ts'
import type { Asked } from './reconcile.ts'
import { clockSkewMs } from './same.ts'

/** Whether a request was applied whose response was lost. */
export type Applied = 'yes' | 'no' | 'wait' | 'unknown'

/** What is known of a request beside the profile. */
export interface DoubtView {
  /** What the profile held of this number before the request: a count, or an attribute. */
  before: (kind: Kind, name: string) => number | undefined
  /** What was applied must be visible by now. */
  isSettled: boolean
  /** When the request was sent, in milliseconds. Without it, it may have been any time within the day before the look. */
  sentAt?: number
  readings?: Readings
}

/**
 * What a look at the profile proves of a request in doubt. `yes`: it was applied. `no`: it was not. `wait`: it may still
 * come, for the settle time is not over. `unknown`: no look can tell.
 */
export function appliedBy(asked: Asked, seen: Observation, view: DoubtView): Applied {
  const { kind, body } = asked
  if (kind === null) throw new TypeError('An object without a kind was never sent.')
  // Of a profile that has another identifier now it is not certain that the request was for it.
  if (seen.isAmbiguous === true || seen.isRenamed === true) return 'unknown'
  // An applied object would have made a profile, or has found none: then it did nothing. One that was there and is gone
  // tells nothing.
  if (seen.profile === null) return hadNumber(asked, view) ? 'unknown' : notYet(view)
  return kind === 'attributes'
    ? attributesApplied(asked, seen, view)
    : occurrenceApplied(kind, body, seen.profile, seen.at, view)
}

function hadNumber({ kind, body }: Asked, { before }: DoubtView): boolean {
  return kind !== null && namesOf(kind, body).some(name => (before(kind, name) ?? 0) !== 0)
}

function notYet({ isSettled }: DoubtView): Applied {
  return isSettled ? 'no' : 'wait'
}

function attributesApplied(asked: Asked, seen: Observation, view: DoubtView): Applied {
  const { body } = asked
  const readings = view.readings ?? defaultReadings
  const { reasons, user } = judgeProfile(asked, seen, {
    at: seen.at,
    readings,
    expected: () => ({ before: undefined, adds: 0 }),
    isOverwritten: () => false,
    repeated: false,
  })
  const found = new Set(
    valuesOf('attributes', body).map(({ field, requested }, i): Evidence => {
      const held = (user === null ? undefined : returnedValue(user, 'attributes', body, field)) ?? null
      const before = view.before('attributes', field)
      return evidenceOf({ field, requested, held, before, reason: reasons[i] ?? 'unexplained' }, readings)
    }),
  )
  // A sum tells best: that of the request can hardly come of anything else.
  if (found.has('added') || found.has('not added')) {
    if (found.has('added') && found.has('not added')) return 'unknown'
    return found.has('added') ? 'yes' : notYet(view)
  }
  if (found.has('other value')) return notYet(view)
  // A name that is missing may be blocklisted. Then sending again must do no harm, or nothing else may speak for it.
  if (found.has('no value') && (isIdempotent('attributes', body) || !found.has('there'))) return notYet(view)
  if (found.has('no value') || found.has('either')) return 'unknown'
  return found.has('there') ? 'yes' : 'unknown'
}

/**
 * An event or purchase. Without an earlier count, it is one of those counted only if nothing else can be: all that is
 * counted has its number and its time.
 */
function occurrenceApplied(
  kind: 'events' | 'purchases',
  body: JsonObject,
  profile: JsonObject,
  at: number,
  view: DoubtView,
): Applied {
  const name = body[occurrenceField[kind]] ?? null
  const found = echoedOccurrence(profileFor(profile, kind, body), kind, name)
  const before = view.before(kind, textOf(name))
  const adds = addsOf(kind, body)
  const asked = readMoment(textOf(body['time']))?.ms ?? Number.NaN
  if (found === undefined) return (before ?? 0) === 0 ? notYet(view) : 'unknown'
  const first = readMoment(found.first)?.ms ?? Number.NaN
  const last = readMoment(found.last)?.ms ?? Number.NaN
  // A time in the future is set to that of the API's clock, at the earliest when the request was sent.
  const earliest = Math.min(asked, (view.sentAt ?? at - dayMs) - clockSkewMs)
  // `last` is never before any occurrence, `first` never after.
  const isOutside = last < earliest || first > asked
  if (before !== undefined) {
    if (found.count === before) return notYet(view)
    return found.count === before + adds && !isOutside ? 'yes' : 'unknown'
  }
  if (isOutside) return notYet(view)
  return found.count === adds && first === asked && last === asked ? 'yes' : 'unknown'
}

const dayMs = 86_400_000
