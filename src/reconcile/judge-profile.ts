import type { Readings } from '../braze/assumptions.ts'
import { isDropped } from '../braze/equivalence.ts'
import { isBlank, profileFor } from '../braze/exported-profile.ts'
import { occurrenceField } from '../braze/fields.ts'
import { readMoment } from '../braze/moments.ts'
import { echoedAttributes, echoedOccurrence, type Occurrence } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { type Json, type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Observation } from '../model/observation.ts'
import { type ReasonCode, reasons } from '../model/verdict.ts'
import { judgeAttributes } from './judge-attributes.ts'
import { judgeCount, judgeTime, occurrenceReasons } from './judge-occurrence.ts'
import { judgeStandard } from './judge-standard.ts'
import type { Sighting } from './memory.ts'
import type { Asked } from './reconcile.ts'
import { clockSkewMs, sameDate } from './same.ts'

/** What a look at a profile is judged by, beside what it shows. */
export interface ProfileView {
  /** When the profile was seen, in milliseconds. */
  at: number
  /** When the object was sent; without it, a time that was in the future then and no longer is cannot be recognised. */
  sentAt?: number
  readings: Readings
  /**
   * What the profile held of this number before this run's rows since then, and what those rows (this one included) add
   * in all. For events and purchases by name, for attributes that are incremented by theirs.
   */
  expected: (kind: Kind, name: string) => { before: number | undefined; adds: number }
  /** Whether a later row of the user wrote this attribute. */
  isOverwritten: (field: string) => boolean
  /** The object was sent again after a response was lost, so it may have been applied more than once. */
  repeated: boolean
}

/** What a look at a profile says of one object. */
export interface ProfileJudgement {
  /** One reason a value, in the order of `valuesOf(kind, body)`. */
  reasons: ReasonCode[]
  /** What the profile holds of the object's fields, see `profileFor`; null where there is no profile. */
  user: JsonObject | null
  /** What was seen of each name. Until everything is settled, a number may be older than the rows that were sent. */
  sightings: Sighting[]
  message: string
}

/** Asked against a profile as an export shows it. Judging changes nothing. */
export function judgeProfile(asked: Asked, seen: Observation, view: ProfileView): ProfileJudgement {
  const { kind, body } = asked
  if (kind === null) throw new TypeError('An object without a kind was never sent.')
  if (seen.profile === null) {
    const [reason, message] = seen.isAmbiguous === true ? ambiguous : nobody
    return { reasons: valuesOf(kind, body).map(() => reason), user: null, sightings: [], message }
  }
  const user = profileFor(seen.profile, kind, body)
  const judged = kind === 'attributes' ? judgeHeld(body, user, view) : judgeListed(kind, body, user, view)
  return { ...judged, user, message: seen.isRenamed === true ? renamed : '' }
}

const nobody = ['user_not_found', 'no profile has this identifier'] as const
const ambiguous = [
  'other_profile',
  'several profiles have this identifier, and which of them the API chooses cannot be told',
] as const
const renamed = 'the profile has another identifier now'

type Judged = Pick<ProfileJudgement, 'reasons' | 'sightings'>

/** Attributes. One that a later row wrote says nothing of this row, unless it holds what this row asked for. */
function judgeHeld(body: JsonObject, user: JsonObject, view: ProfileView): Judged {
  const { at, readings, repeated } = view
  const { reasons: judged, sightings } = judgeAttributes(body, presentIn(user), false, {
    at,
    readings,
    repeated,
    numberAfter: (kind, name) => sumOf(view.expected(kind, name)),
    missing: (_, name, requested) => missingReason(name, requested),
    standard: (field, requested, limits) =>
      Object.hasOwn(user, field)
        ? judgeStandard(field, requested, user[field] ?? null, limits)
        : 'not_exported',
  })
  const fields = valuesOf('attributes', body).map(({ field }) => field)
  const isOwn = (reason: ReasonCode, i: number) =>
    reasons[reason].counts === 'match' || reason === 'not_exported' || !view.isOverwritten(fields[i] ?? '')
  return { reasons: judged.map((reason, i) => (isOwn(reason, i) ? reason : 'overwritten')), sightings }
}

/** The custom attributes that the profile has: of those that it has not, an export says nothing. */
function presentIn(user: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(echoedAttributes(user) ?? {}).filter(([, held]) => held !== null))
}

function missingReason(name: string, requested: Json): ReasonCode {
  if (isDropped(name, requested, null)) return 'standard_value_dropped'
  return isBlank(requested) ? 'empty_as_absent' : 'key_missing'
}

function sumOf({ before, adds }: { before: number | undefined; adds: number }): number | undefined {
  return before === undefined ? undefined : before + adds
}

/** An event or purchase: the profile lists its name once, with how often it was, and when first and last. */
function judgeListed(
  kind: 'events' | 'purchases',
  body: JsonObject,
  user: JsonObject,
  view: ProfileView,
): Judged {
  const name = body[occurrenceField[kind]] ?? null
  const key = textOf(name)
  const found = echoedOccurrence(user, kind, name)
  const all = (counted: ReasonCode, timed: ReasonCode) =>
    occurrenceReasons(kind, body, counted, timed, 'not_exported')
  if (found === undefined) {
    // What the profile does not list, it counts as none.
    return {
      reasons: all('count_short', 'count_short'),
      sightings: [{ name: key, number: 0, isListed: false }],
    }
  }
  const timed = judgeSeenTime(textOf(body['time']), found, view)
  const counted = judgeSeenCount(found.count, timed, view.expected(kind, key), view.repeated)
  // An occurrence that was lost has no time either.
  const isLost = counted === 'count_short' && timed === 'unexplained'
  return {
    reasons: all(counted, isLost ? 'count_short' : timed),
    sightings: [{ name: key, number: found.count, isListed: true }],
  }
}

function judgeSeenCount(
  count: number,
  timed: ReasonCode,
  expected: { before: number | undefined; adds: number },
  repeated: boolean,
): ReasonCode {
  const sum = sumOf(expected)
  if (count < (sum ?? expected.adds)) return 'count_short'
  if (sum !== undefined) return judgeCount(count, sum, repeated)
  // Without an earlier count, an occurrence that is not between first and last is none of those counted.
  return timed === 'unexplained' ? 'unexplained' : 'occurrence_listed'
}

function judgeSeenTime(requested: string, found: Occurrence, { at, sentAt }: ProfileView): ReasonCode {
  const timed = judgeTime(requested, found, at)
  if (timed === 'later_event_exists') {
    return requested === found.first ? 'exact' : (sameDate(requested, found.first) ?? timed)
  }
  if (timed !== 'unexplained' || sentAt === undefined) return timed
  const asked = readMoment(requested)?.ms ?? 0
  const latest = readMoment(found.last)?.ms ?? 0
  return asked > sentAt && latest < asked && latest >= sentAt - clockSkewMs ? 'future_clamped' : timed
}
