import type { Exchange } from '../../src/model/exchange.ts'
import type { Kind } from '../../src/model/kind.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { defaultReadings, type Readings } from '../../src/braze/assumptions.ts'
import type { Look, Observation } from '../../src/model/observation.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { type InExport, judgeLook } from '../../src/reconcile/judge-look.ts'
import { judgeProfile, type ProfileJudgement, type ProfileView } from '../../src/reconcile/judge-profile.ts'
import { type Judgement, Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { answered, now } from '../support/build.ts'

export const user = 'u1'
export const time = '2022-12-06T19:20:45+01:00'
export const stored = '2022-12-06T18:20:45.000Z'
export const long = 'é'.repeat(256)
export const big = 'x'.repeat(103_000)

/** One answer, and everything about it that matters. */
export interface Scene {
  kind?: Kind
  body: JsonObject
  reply: Json
  status?: number
  exchange?: Partial<Exchange>
  readings?: Partial<Readings>
  memory?: Memory
}

export type More = Omit<Partial<Scene>, 'body' | 'reply'> & { steering?: JsonObject; others?: JsonObject }

export function play({ kind = 'attributes', body, reply, ...more }: Scene): Judgement {
  const asked = { kind, user: userKeyOf(body), body }
  const exchange = { ...answered(more.status ?? 201, reply), ...more.exchange }
  return reconcile(asked, exchange, now, more.memory ?? new Memory(), {
    ...defaultReadings,
    ...more.readings,
  })
}

/** The attribute `a`, and what the profile holds of it; nothing where it is left out. */
export function attribute(
  requested: Json,
  returned?: Json,
  { steering, others, ...more }: More = {},
): ReasonCode {
  const body = { external_id: user, ...steering, a: requested }
  const held: JsonObject = { ...(returned === undefined ? {} : { a: returned }), ...others }
  const { reasons } = play({
    body,
    reply: { users: [{ external_id: user, custom_attributes: held }] },
    ...more,
  })
  return reasons.at(-1) ?? 'reply_malformed'
}

/** The name and the time of an event `n`, of which the answer shows this. */
export function event(shown: JsonObject, { steering, ...more }: More = {}): ReasonCode[] {
  const custom_events = [{ name: 'n', first: stored, last: stored, count: 1, ...shown }]
  const body = { external_id: user, name: 'n', time, ...steering }
  return play({ kind: 'events', body, reply: { users: [{ external_id: user, custom_events }] }, ...more })
    .reasons
}

/** A memory in which the event `n` and the attribute `a` were last seen with this number. */
export function seen(number: number): Memory {
  const memory = new Memory()
  event({ count: number }, { memory })
  attribute(number, number, { memory })
  return memory
}

/** The last reason of so many answers in a row. */
export function repeated(times: number, once: (memory: Memory) => ReasonCode): ReasonCode {
  const memory = new Memory()
  const all = Array.from({ length: times }, () => once(memory))
  return all.at(-1) ?? 'reply_malformed'
}

/** The first reason of an attribute `a` where the answer is this. */
export function replied(reply: Json, body: JsonObject = {}, more: Partial<Scene> = {}): ReasonCode {
  const { reasons } = play({ body: { external_id: user, a: 1, ...body }, reply, ...more })
  return reasons[0] ?? 'reply_malformed'
}

/** `tag 0`, `tag 1`, … */
export function tags(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `tag ${i}`)
}

/** What a look at the profile of this user says of an object, if nothing is known of before. */
export function look(
  kind: Kind,
  body: JsonObject,
  profile: JsonObject | null,
  { readings, ...more }: Omit<Partial<ProfileView>, 'readings'> & { readings?: Partial<Readings> } = {},
  observed: Partial<Observation> = {},
): ProfileJudgement {
  const whole = { external_id: user, ...body }
  const adds = typeof body['quantity'] === 'number' ? body['quantity'] : 1
  return judgeProfile(
    { kind, user: userKeyOf(whole), body: whole },
    { profile, at: now, ...observed },
    {
      at: now,
      readings: { ...defaultReadings, ...readings },
      expected: () => ({ before: undefined, adds }),
      isOverwritten: () => false,
      repeated: false,
      ...more,
    },
  )
}

/** What is said of attributes that were not sent, where a look at their user comes to this; of an export, what it holds. */
export function audited(
  body: JsonObject,
  looked: Look,
  inExport?: Partial<InExport>,
  view: Partial<ProfileView> = {},
): Judgement {
  const whole = { external_id: user, ...body }
  const asked = { kind: 'attributes' as const, user: userKeyOf(whole), body: whole }
  const known = {
    readings: defaultReadings,
    expected: () => ({ before: undefined, adds: 0 }),
    isOverwritten: () => false,
    ...view,
  }
  const held = inExport && { users: 1, unusable: 0, fields: new Set<string>(), ...inExport }
  return judgeLook(asked, looked, known, held)
}
