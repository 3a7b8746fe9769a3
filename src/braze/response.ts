import type { Answer } from '../model/exchange.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { sample } from '../model/problem.ts'
import { occurrenceField } from './fields.ts'
import { identifierNames } from './identifiers.ts'
import { statusOf } from './statuses.ts'

/**
 * What a 201 says of the profile. The documentation shows `users` as an object in one place and as a list in another,
 * and event lists likewise, so both are read. Source: the seed page, response section and examples.
 */
export interface Echo {
  /** The user of the answer, or null where it names nobody. */
  user: JsonObject | null
}

/** How often, first and last, as the profile remembers an event or purchase. */
export interface Occurrence {
  name: string
  first: string
  last: string
  count: number
}

/**
 * Whether a 2XX is an answer of the API. A sign-in page, a proxy's word or half a body is none, and proves nothing: what
 * it answers may or may not be applied.
 */
export function isReadable({ status, body, complete }: Answer): boolean {
  if (!complete) return false
  return statusOf(status).applied === 'queued' ? isQueued(body) : readEcho(body) !== undefined
}

/** What came in place of an answer of the API, in a few words. */
export function sayUnreadable({ body, complete, cut }: Answer): string {
  if (!complete) return `the response is not complete (${cut ?? 'the connection broke'})`
  if (body.trim() === '') return 'the response is empty'
  return `the response is not from the API: ${sample(body.trim())}`
}

/** The word of an API that puts requests aside: `{"message":"queued"}`. Source: contract §7. */
function isQueued(body: string): boolean {
  const answer = parse(body)
  return isJsonObject(answer) && typeof answer['message'] === 'string'
}

/** The echo in the body of an answer; undefined where the body is not of the documented shape. */
export function readEcho(body: string): Echo | undefined {
  const answer = parse(body)
  if (!isJsonObject(answer)) return undefined
  const users = answer['users']
  if (users === undefined && answer['message'] !== 'success') return undefined
  const user = (Array.isArray(users) ? users[0] : users) ?? {}
  if (!isJsonObject(user) || ![answer, user].every(hasReadableResults)) return undefined
  // The schema block of the documentation puts the results beside `users`, its examples inside.
  const beside = results
    .filter(name => Object.hasOwn(answer, name))
    .map(name => [name, answer[name] ?? null] as const)
  const whole: JsonObject = beside.length === 0 ? user : { ...Object.fromEntries(beside), ...user }
  return { user: isEmpty(whole) ? null : whole }
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false
  return true
}

const results = ['custom_attributes', 'custom_events', 'purchase_events']

/** Attributes are an object; of events and purchases there is one or a list, and the documentation shows both. */
function hasReadableResults(holder: JsonObject): boolean {
  const { custom_attributes: attributes, custom_events: events, purchase_events: purchases } = holder
  if ((attributes ?? null) !== null && !isJsonObject(attributes)) return false
  return [events, purchases].every(
    list => (list ?? null) === null || (Array.isArray(list) ? list : [list]).every(isOccurrence),
  )
}

function isOccurrence(item: Json | undefined): boolean {
  if (!isJsonObject(item)) return false
  const { first, last, count } = item
  return typeof first === 'string' && typeof last === 'string' && typeof count === 'number'
}

/** The custom attributes of the echoed user, or undefined where the answer lists none. */
export function echoedAttributes(user: JsonObject): JsonObject | undefined {
  const attributes = user['custom_attributes']
  return isJsonObject(attributes) ? attributes : undefined
}

/** The echoed event or purchase of this name, or undefined where the answer does not list it. */
export function echoedOccurrence(
  user: JsonObject,
  kind: 'events' | 'purchases',
  name: Json,
): Occurrence | undefined {
  const list = user[kind === 'events' ? 'custom_events' : 'purchase_events']
  const items = Array.isArray(list) ? list : [list]
  const found = items.find(item => isJsonObject(item) && item[occurrenceField[kind]] === name)
  if (!isJsonObject(found) || !isOccurrence(found)) return undefined
  const { first, last, count } = found as JsonObject & Omit<Occurrence, 'name'>
  return { name: textOf(name), first, last, count }
}

/** The identifiers the answer names the user by. */
export function echoedIdentifiers(user: JsonObject): JsonObject {
  const named: JsonObject = {}
  for (const name of identifierNames) if (Object.hasOwn(user, name)) named[name] = user[name] ?? null
  return named
}

/** What the profile holds for one requested field, as far as the answer says; undefined where it does not. */
export function returnedValue(
  user: JsonObject,
  kind: Kind,
  body: JsonObject,
  field: string,
): Json | undefined {
  if (kind === 'attributes') {
    const attributes = echoedAttributes(user)
    return attributes !== undefined && Object.hasOwn(attributes, field) ? attributes[field] : undefined
  }
  const occurrence = echoedOccurrence(user, kind, body[occurrenceField[kind]] ?? null)
  if (occurrence === undefined) return undefined
  const { name, first, last, count } = occurrence
  if (field === occurrenceField[kind]) return { [field]: name, count }
  return field === 'time' ? { first, last } : undefined
}

/** The fatal message of an answer, with what `errors` adds, for the report. */
export function readMessage(body: string): string {
  const answer = parse(body)
  if (!isJsonObject(answer)) return body.slice(0, 200)
  const errors = Array.isArray(answer['errors']) ? answer['errors'] : []
  const said = [textOf(answer['message'] ?? ''), ...errors.map(sayError)].filter(text => text !== '')
  return [...new Set(said)].join(' · ')
}

function sayError(error: Json): string {
  if (!isJsonObject(error)) return typeof error === 'string' ? error : JSON.stringify(error)
  return typeof error['type'] === 'string' ? error['type'] : JSON.stringify(error)
}

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}
