import { defaultReadings, type Readings } from '../braze/assumptions.ts'
import { isCustomAttribute } from '../braze/fields.ts'
import { addressOf, createsProfile, normalizeIdentifier } from '../braze/identifiers.ts'
import {
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
import { Memory, memoryNames, type View } from './memory.ts'

export { Memory }

/** What one exchange says of one object. */
export interface Judgement {
  outcome: Outcome
  /** One reason a value, in the order of `valuesOf(kind, body)`. */
  reasons: ReasonCode[]
  /** The user of the answer, where it shows one. */
  user: JsonObject | null
  message: string
}

/** The object as it was asked for: what `reconcile` compares the answer with. */
export interface Asked {
  kind: Kind | null
  user: string
  body: JsonObject
}

/**
 * Asked against echoed. `at` is when the answer came, in milliseconds; `memory` what earlier answers of the run showed;
 * `readings` how the API is taken to behave where its pages disagree. The tests run in this order: how the exchange
 * ended, whether there is a user, whether it is the right one, and then value by value.
 */
export function reconcile(
  asked: Asked,
  exchange: Exchange,
  at: number,
  memory: Memory,
  readings: Readings = defaultReadings,
): Judgement {
  const { kind } = asked
  if (kind === null) throw new TypeError('An object without a kind was never sent.')
  const all = (reason: ReasonCode) => valuesOf(kind, asked.body).map(() => reason)
  const reason = reasonOfAll(exchange)
  if (reason !== undefined) {
    if (reason !== 'request_rejected') forget(asked, memory)
    // An object without values has an end, too.
    return {
      outcome: reasons[reason].leaves,
      reasons: all(reason),
      user: null,
      message: sayExchange(exchange),
    }
  }
  const end = (judged: ReasonCode[], user: JsonObject | null, message = '') => ({
    outcome: outcomeOf(judged),
    reasons: judged,
    user,
    message,
  })
  const user = ('answer' in exchange.result ? readEcho(exchange.result.answer.body)?.user : null) ?? null
  if (user === null || !isSameUser(asked.body, echoedIdentifiers(user))) {
    forget(asked, memory)
    return end(user === null ? judgeNobody(kind, asked.body, readings) : all('other_profile'), user)
  }
  const view = { at, memory, readings, repeated: (exchange.doubts ?? 0) > 0 }
  const { judged, message } = judgeValues({ ...asked, kind }, user, view)
  return end(exchange.overlapped === true ? judged.map(orConcurrent) : judged, user, message)
}

/** The one reason of all values where the answer shows no profile: it was lost, is none of the API, or a refusal. */
function reasonOfAll({ result, inDoubt }: Exchange): ReasonCode | undefined {
  if ('lost' in result) return 'answer_lost'
  const { applied } = statusOf(result.answer.status)
  if ((applied === 'yes' || applied === 'queued') && !isReadable(result.answer)) return 'reply_malformed'
  if (inDoubt || applied === 'maybe') return 'answer_lost'
  if (applied === 'no') return 'request_rejected'
  return applied === 'queued' ? 'queued_202' : undefined
}

/**
 * Takes into memory what an earlier process of the run was answered, so that counts and sums go on from there. What it was
 * not answered is not touched: if the object is sent again, it is judged by what was known before.
 */
export function recall(
  { kind, user, body }: Asked,
  seen: { outcome?: Outcome; status?: number; user?: JsonObject | null },
  memory: Memory,
  readings: Readings = defaultReadings,
): void {
  if (kind === null || seen.outcome === 'rejected' || seen.outcome === 'unknown') return
  const isQueued = seen.status !== undefined && statusOf(seen.status).applied === 'queued'
  const echoed = isQueued ? null : (seen.user ?? null)
  if (echoed === null || !isSameUser(body, echoedIdentifiers(echoed)))
    return forget({ kind, user, body }, memory)
  judgeValues({ kind, user, body }, echoed, { at: 0, memory, readings, repeated: false })
}

/** An object may have been applied, and nobody will be told: the next sight of what it writes is a first sight. */
export function forget({ kind, user, body }: Asked, memory: Memory): void {
  if (kind === null) return
  for (const name of memoryNames(kind, body)) memory.forget(user, kind, name)
}

/** The answer names nobody. */
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

/** The values, and what is to be said of names that nobody asked for. */
function judgeValues({ kind, user, body }: Asked & { kind: Kind }, echoed: JsonObject, view: View) {
  const extras = extrasOf(kind, body, echoed)
  const othersListed = extras.some(extra => extra.kind === kind)
  const judged =
    kind === 'attributes'
      ? judgeAttributes(user, body, echoed, othersListed, view)
      : judgeOccurrence(user, kind, body, echoed, othersListed, view)
  return { judged, message: sayExtras(extras) }
}

/** What no rule explains may be the work of the other request that was under way. */
function orConcurrent(reason: ReasonCode): ReasonCode {
  return reason === 'unexplained' || reason === 'count_unexpected' ? 'concurrent_write' : reason
}

/** The identifier of the answer, where it names one of the kind that was sent, is the one that was sent. */
function isSameUser(body: JsonObject, echoed: JsonObject): boolean {
  const name = addressOf(body)
  if (name === undefined || !Object.hasOwn(echoed, name)) return true
  return sameJson(
    normalizeIdentifier(name, body[name] ?? null),
    normalizeIdentifier(name, echoed[name] ?? null),
  )
}

function sayExchange({ result, inDoubt }: Exchange): string {
  if ('lost' in result) return `no answer: ${result.lost.reason}`
  const { status, body } = result.answer
  const { follows, applied } = statusOf(status)
  if (follows === 'judge' && !isReadable(result.answer))
    return `${status}, but ${describeUnreadable(result.answer)}`
  return inDoubt || applied === 'maybe' ? `${status}: ${readMessage(body)}` : readMessage(body)
}
