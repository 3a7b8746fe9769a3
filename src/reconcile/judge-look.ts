import { exportFieldOf } from '../braze/export-fields.ts'
import { occurrenceField } from '../braze/fields.ts'
import { addressOf } from '../braze/identifiers.ts'
import { readMoment } from '../braze/moments.ts'
import { echoedOccurrence } from '../braze/response.ts'
import { valuesOf } from '../braze/values.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Look, Observation } from '../model/observation.ts'
import { outcomeOf, type ReasonCode } from '../model/verdict.ts'
import { judgeProfile, type ProfileJudgement, type ProfileView } from './judge-profile.ts'
import type { Asked, Judgement } from './reconcile.ts'

/** What an export on disk can show. */
export interface InExport {
  /** Users in it. */
  users: number
  /** The fields that any of them has. */
  fields: ReadonlySet<string>
  /** Records that cannot be used. */
  unusable: number
}

/** An object that was not sent, against what a look shows of its user; `inExport` where that is an export on disk. */
export function judgeLook(
  asked: Asked,
  look: Look,
  view: Omit<ProfileView, 'at' | 'repeated'>,
  inExport?: InExport,
): Judgement {
  const { kind, body } = asked
  if ('unseen' in look) {
    const reasons = kind === null ? [] : valuesOf(kind, body).map(() => 'lookup_failed' as const)
    return { outcome: 'unknown', reasons, user: null, message: look.unseen.message }
  }
  const { seen } = look
  const whole = { ...view, at: seen.at, repeated: false }
  const { reasons, user, message } =
    inExport === undefined ? judgeProfile(asked, seen, whole) : judgeInExport(asked, seen, whole, inExport)
  // A row that asks for nothing but its user asks for that.
  const isMissing = reasons.length === 0 && seen.profile === null && isIdentifierShown(body, inExport)
  return { outcome: isMissing ? 'mismatched' : outcomeOf(reasons), reasons, user, message }
}

/**
 * An export on disk may have been made with fewer fields than an object asks for: one that no user has says nothing, and by
 * an identifier that none has nobody is found.
 */
function judgeInExport(
  asked: Asked,
  seen: Observation,
  view: ProfileView,
  inExport: InExport,
): ProfileJudgement {
  const judged = judgeProfile(asked, seen, view)
  const { kind, body } = asked
  const { users, fields, unusable } = inExport
  if (kind === null || seen.isAmbiguous === true) return judged
  const values = valuesOf(kind, body)
  if (seen.profile === null) {
    if (isIdentifierShown(body, inExport))
      return { ...judged, message: `${nobody}${unusable === 0 ? '' : among(unusable)}` }
    const reasons = values.map(() => 'not_in_export' as const)
    return { ...judged, reasons, message: `no user of the export has ${an(addressOf(body) ?? '')}` }
  }
  const isOld = kind !== 'attributes' && isBeyondSegments(kind, body, judged.user, seen.at)
  const isThere = (field: string) => {
    if (isOld) return false
    const name = kind === 'attributes' ? exportFieldOf(field) : listOf[kind]
    return name === undefined || users === 0 || fields.has(name)
  }
  const reasons = judged.reasons.map((reason, i): ReasonCode => {
    return reason === 'not_exported' || isThere(values[i]?.field ?? '') ? reason : 'not_in_export'
  })
  return { ...judged, reasons, user: kind === 'attributes' ? shown(judged.user, isThere) : judged.user }
}

/**
 * Whether an event or purchase is missing that a segment export leaves out: one of more than 90 days ago. Source: braze-docs
 * post_users_segment.
 */
function isBeyondSegments(
  kind: 'events' | 'purchases',
  body: JsonObject,
  user: JsonObject | null,
  seenAt: number,
): boolean {
  if (user !== null && echoedOccurrence(user, kind, body[occurrenceField[kind]] ?? null) !== undefined)
    return false
  const time = readMoment(textOf(body['time']))?.ms
  return time !== undefined && time < seenAt - segmentDays * 86_400_000
}

const segmentDays = 90

/** Whether a user can be found by its identifier: always, but in an export of which no user has such a one. */
function isIdentifierShown(body: JsonObject, inExport: InExport | undefined): boolean {
  const by = addressOf(body)
  if (by === undefined || inExport === undefined || inExport.users === 0) return true
  return inExport.fields.has(exportFieldOf(by) ?? by)
}

const listOf = { events: 'custom_events', purchases: 'purchases' } as const
const nobody = 'no user of the export has this identifier'

function among(unusable: number): string {
  const records = unusable === 1 ? 'one record cannot be used' : `${unusable} records cannot be used`
  return `; ${records}, and the user may be in ${unusable === 1 ? 'it' : 'one of them'}`
}

function an(identifier: string): string {
  return `${/^[aeiou]/.test(identifier) ? 'an' : 'a'} ${identifier}`
}

/** Nothing is returned of a field that may not have been exported. */
function shown(user: JsonObject | null, isThere: (field: string) => boolean): JsonObject | null {
  if (user === null) return null
  return Object.fromEntries(Object.entries(user).filter(([name]) => isThere(name)))
}
