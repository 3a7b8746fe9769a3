import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import { isCustomAttribute } from '../braze/fields.ts'
import { addressOf, createsProfile, normalizeIdentifier } from '../braze/identifiers.ts'
import {
  echoedAttributes,
  echoedIdentifiers,
  isReadable,
  readEcho,
  readMessage,
  describeUnreadable,
} from '../braze/response.ts'
import { statusOf } from '../braze/statuses.ts'
import { valuesOf } from '../braze/values.ts'
import type { Exchange } from '../model/exchange.ts'
import { type JsonObject, sameJson } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Outcome } from '../model/outcome.ts'
import { outcomeOf, type ReasonCode, reasons } from '../model/verdict.ts'
import { extrasOf, sayExtras } from './extra-names.ts'
import { judgeAttributes } from './judge-attributes.ts'
import { judgeOccurrence } from './judge-occurrence.ts'
import { type Lesson, Memory, missingReason, type Recollection, unseen } from './memory.ts'
import type { View } from './view.ts'

export { Memory }

/** What one exchange says of one object. */
export interface Judgement {
  outcome: Outcome
  /** One reason a value, in the order of `valuesOf(kind, body)`. */
  reasons: ReasonCode[]
  /** The user in the response, where it shows one. */
  user: JsonObject | null
  message: string
}

/** The object as it was asked for: what `reconcile` compares the response with. */
export interface Asked {
  kind: Kind | null
  user: string
  body: JsonObject
}

/** A judgement, and what the run learns from the same response. */
interface Judged {
  judgement: Judgement
  lesson: Lesson | null
}

/**
 * Asked against echoed. `at` is when the response came, in milliseconds; `memory` what earlier responses of the run
 * showed, which learns from this one; `readings` how the API is taken to behave where its pages disagree.
 */
export function reconcile(
  asked: Asked,
  exchange: Exchange,
  at: number,
  memory: Memory,
  readings: Readings = defaultReadings,
): Judgement {
  const { judgement, lesson } = judge(asked, exchange, at, memory, readings)
  if (lesson !== null) memory.learn(lesson)
  return judgement
}

/**
 * The judgement alone; nothing changes. The tests run in this order: how the exchange ended, whether there is a user,
 * whether it is the right one, and then value by value.
 */
export function judge(
  { kind, user: userKey, body }: Asked,
  exchange: Exchange,
  at: number,
  memory: Recollection,
  readings: Readings,
): Judged {
  if (kind === null) throw new TypeError('An object without a kind was never sent.')
  const all = (reason: ReasonCode) => valuesOf(kind, body).map(() => reason)
  const nothingSeen = () => unseen(userKey, kind, body)
  const reason = reasonOfAll(exchange)
  if (reason !== undefined) {
    // An object without values has an end, too.
    const outcome = reasons[reason].leaves
    const judgement = { outcome, reasons: all(reason), user: null, message: sayExchange(exchange) }
    return { judgement, lesson: reason === 'request_rejected' ? null : nothingSeen() }
  }
  const end = (judged: ReasonCode[], user: JsonObject | null, message = '') => ({
    outcome: outcomeOf(judged),
    reasons: judged,
    user,
    message,
  })
  const user = ('answer' in exchange.result ? readEcho(exchange.result.answer.body)?.user : null) ?? null
  if (user === null) return { judgement: end(judgeNobody(kind, body, readings), user), lesson: nothingSeen() }
  if (!isSameUser(body, echoedIdentifiers(user)))
    return { judgement: end(all('other_profile'), user), lesson: nothingSeen() }
  const view = viewOf(userKey, at, memory, readings, (exchange.doubts ?? 0) > 0)
  const { judged, message, sightings } = judgeValues(kind, body, user, view)
  const overlapped = exchange.overlapped === true
  return {
    judgement: end(overlapped ? judged.map(orConcurrent) : judged, user, message),
    lesson: { user: userKey, kind, sightings },
  }
}

/** The one reason of all values where the response shows no profile: it was lost, is not from the API, or is a refusal. */
function reasonOfAll({ result, inDoubt }: Exchange): ReasonCode | undefined {
  if ('lost' in result) return 'answer_lost'
  const { applied } = statusOf(result.answer.status)
  if ((applied === 'yes' || applied === 'queued') && !isReadable(result.answer)) return 'reply_malformed'
  if (inDoubt || applied === 'maybe') return 'answer_lost'
  if (applied === 'no') return 'request_rejected'
  return applied === 'queued' ? 'queued_202' : undefined
}

/**
 * What an earlier process of the run learned from a response, so that counts and sums continue from there. A response that
 * was lost teaches nothing: if the object is sent again, it is judged by what was known before.
 */
export function recall(
  { kind, user, body }: Asked,
  seen: { outcome?: Outcome | undefined; status?: number | undefined; user?: JsonObject | null | undefined },
  memory: Memory,
  readings: Readings = defaultReadings,
): void {
  if (kind === null || seen.outcome === 'rejected' || seen.outcome === 'unknown') return
  const isQueued = seen.status !== undefined && statusOf(seen.status).applied === 'queued'
  const echoed = isQueued ? null : (seen.user ?? null)
  if (echoed === null || !isSameUser(body, echoedIdentifiers(echoed)))
    return memory.learn(unseen(user, kind, body))
  const view = viewOf(user, 0, memory, readings, false)
  memory.learn({ user, kind, sightings: judgeValues(kind, body, echoed, view).sightings })
}

/** An object may have been applied, and no response will say so: the next sight of what it writes is a first sight. */
export function forget({ kind, user, body }: Asked, memory: Memory): void {
  if (kind !== null) memory.learn(unseen(user, kind, body))
}

/** The response names no user. */
function judgeNobody(kind: Kind, body: JsonObject, { aliasOccurrence }: Readings): ReasonCode[] {
  const values = valuesOf(kind, body)
  const address = addressOf(body)
  if (address === undefined && body['push_token_import'] === true) {
    // A token is imported without a user, so that none is named is no sign of anything.
    return values.map(({ field }) => (isCustomAttribute(field) ? 'unexplained' : 'standard_field_not_echoed'))
  }
  const neverCreates =
    kind !== 'attributes' && address === 'user_alias' && aliasOccurrence === 'never_creates'
  const reason = createsProfile(body) && !neverCreates ? 'unexplained' : 'user_not_found'
  return values.map(() => reason)
}

/** A response is judged by what earlier responses of the run showed, and has custom attributes only. */
function viewOf(user: string, at: number, memory: Recollection, readings: Readings, repeated: boolean): View {
  return {
    at,
    readings,
    repeated,
    numberAfter: (kind, name, adds) => {
      const last = memory.last(user, kind, name)
      return last === undefined ? undefined : last + adds
    },
    missing: (kind, name) => missingReason(kind, name, memory),
    standard: () => 'standard_field_not_echoed',
  }
}

/** The values, what they show, and what is to be said of names that nobody asked for. */
function judgeValues(kind: Kind, body: JsonObject, echoed: JsonObject, view: View) {
  const extras = extrasOf(kind, body, echoed)
  const othersListed = extras.some(extra => extra.kind === kind)
  const { reasons: judged, sightings } =
    kind === 'attributes'
      ? judgeAttributes(body, echoedAttributes(echoed) ?? {}, othersListed, view)
      : judgeOccurrence(kind, body, echoed, othersListed, view)
  return { judged, sightings, message: sayExtras(extras) }
}

/** What no rule explains may come from the other request that was in flight. */
function orConcurrent(reason: ReasonCode): ReasonCode {
  return reason === 'unexplained' || reason === 'count_unexpected' ? 'concurrent_write' : reason
}

/** The identifier in the response, if it is of the kind that was sent, is the one that was sent. */
function isSameUser(body: JsonObject, echoed: JsonObject): boolean {
  const name = addressOf(body)
  if (name === undefined || !Object.hasOwn(echoed, name)) return true
  return sameJson(
    normalizeIdentifier(name, body[name] ?? null),
    normalizeIdentifier(name, echoed[name] ?? null),
  )
}

function sayExchange({ result, inDoubt }: Exchange): string {
  if ('lost' in result) return `no response: ${result.lost.reason}`
  const { status, body } = result.answer
  const { follows, applied } = statusOf(status)
  if (follows === 'judge' && !isReadable(result.answer))
    return `${status}, but ${describeUnreadable(result.answer)}`
  return inDoubt || applied === 'maybe' ? `${status}: ${readMessage(body)}` : readMessage(body)
}
