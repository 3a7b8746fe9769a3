import { isJsonObject, type Json, type JsonObject, textOf } from '../../src/model/json.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { Answer, Lost, Rate } from '../../src/model/exchange.ts'
import type { Look, Observation } from '../../src/model/observation.ts'
import { createLookups, type Looked, type LookupOptions } from '../../src/lookup/lookups.ts'
import { createRateLimit } from '../../src/rate-limit/rate-limit.ts'
import { createSpacing } from '../../src/rate-limit/spacing.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

export type Result = { answer: Answer } | { lost: Lost }

/** A request as the simulated API saw it. */
export interface Request {
  body: JsonObject
  /** Everybody it asks for, each as the body of a track object. */
  people: JsonObject[]
  fields: Json[]
  at: number
  /** 0 for the first. */
  index: number
}

export interface TrialOptions extends Partial<Omit<LookupOptions, 'post' | 'clock' | 'rateLimit'>> {
  rate?: Rate
  /** What the API responds with. Default: the profiles that it was asked for. */
  respond?: (request: Request) => Result
  profiles?: JsonObject[]
  /** How long it takes for that. Default 100 ms. */
  afterMs?: number
}

export const host = 'rest.test'

/** Lookups at a simulated API in simulated time. */
export function tryLookups({ rate = 'off', profiles = [], afterMs = 100, ...given }: TrialOptions = {}) {
  const clock = new SimulatedClock()
  const sleeping = { count: 0 }
  const counted: Clock = {
    now: clock.now,
    sleep: async (ms, signal) => {
      sleeping.count++
      await clock.sleep(ms, signal)
      sleeping.count--
    },
  }
  const requests: Request[] = []
  const looked: Looked[] = []
  const denials: string[] = []
  const inFlight = { now: 0, most: 0 }
  const random = given.random ?? (() => 0.5)
  const lookups = createLookups({
    clock: counted,
    random,
    signal: new AbortController().signal,
    host,
    looked: one => void looked.push(one),
    denied: message => void denials.push(message),
    ...given,
    rateLimit: createRateLimit(rate, { permit: createSpacing(rate, counted), clock: counted, random }),
    post: async text => {
      const body = JSON.parse(text) as JsonObject
      const fields = listOf(body['fields_to_export'])
      const request = { body, people: peopleIn(body), fields, at: clock.now(), index: requests.length }
      requests.push(request)
      inFlight.most = Math.max(inFlight.most, ++inFlight.now)
      const result = given.respond?.(request) ?? showing(request, profiles)
      await clock.sleep(afterMs)
      inFlight.now--
      return result
    },
  })
  const look = (user: JsonObject, fields = ['custom_attributes'], urgent = false): Promise<Look> =>
    lookups.look({ user: userKeyOf(user), fields }, urgent)
  return { lookups, look, clock, requests, looked, denials, sleeping, inFlight }
}

/** What the API responds where all goes well: those who exist, and the ids of those who do not. */
export function showing({ people, fields }: Request, profiles: readonly JsonObject[]): Result {
  const found = people.map(person => profiles.filter(profile => isOf(profile, person)))
  const invalid = people.filter((person, i) => 'external_id' in person && found[i]?.length === 0)
  const shown = [...new Set(found.flat())].map(profile =>
    Object.fromEntries(fields.map(name => [textOf(name), profile[textOf(name)] ?? null])),
  )
  return response({
    message: 'success',
    users: shown,
    invalid_user_ids: invalid.map(person => person['external_id'] ?? null),
  })
}

export function isOf(profile: JsonObject, person: JsonObject): boolean {
  const [[by, value] = ['', null]] = Object.entries(person)
  if (by === 'email') return textOf(profile[by]).toLowerCase() === textOf(value).toLowerCase()
  if (by === 'phone') return profile[by] === value
  if (by !== 'user_alias') return profile[by] === value
  return listOf(profile['user_aliases']).some(alias => JSON.stringify(alias) === JSON.stringify(value))
}

export function response(body: Json, status = 201, headers: Record<string, string> = {}): Result {
  return { answer: { status, headers, body: JSON.stringify(body), complete: true } }
}

export function lost(reason: string, sent = false): Result {
  return { lost: { sent, reason } }
}

export function cut(status = 201): Result {
  return {
    answer: { status, headers: {}, body: '', complete: false, cut: 'the response is larger than 10 MB' },
  }
}

/** What was seen; a look at nobody is an error. */
export function seenIn(look: Look): Observation {
  if ('seen' in look) return look.seen
  throw new Error(`Nothing was seen: ${look.unseen.why}, ${look.unseen.message}`)
}

export function unseenIn(look: Look): string {
  return 'seen' in look ? 'seen' : `${look.unseen.why}: ${look.unseen.message}`
}

/** A profile that says whose it is. */
export function profileOf(name: string, more: JsonObject = {}): JsonObject {
  return {
    external_id: name,
    braze_id: `braze ${name}`,
    user_aliases: [],
    custom_attributes: { owner: name },
    ...more,
  }
}

function peopleIn({ external_ids, user_aliases, braze_id, email_address, phone }: JsonObject): JsonObject[] {
  return [
    ...listOf(external_ids).map(external_id => ({ external_id })),
    ...listOf(user_aliases).map(user_alias => ({ user_alias })),
    ...(braze_id === undefined ? [] : [{ braze_id }]),
    ...(email_address === undefined ? [] : [{ email: email_address }]),
    ...(phone === undefined ? [] : [{ phone }]),
  ]
}

export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

export function ownerOf({ profile }: Observation): Json {
  const attributes = profile?.['custom_attributes']
  return isJsonObject(attributes) ? (attributes['owner'] ?? null) : null
}
