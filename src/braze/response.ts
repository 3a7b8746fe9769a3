import type { Answer } from '../model/exchange.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { sample } from '../model/problem.ts'
import { isCustomAttribute, occurrenceField } from './fields.ts'
import { identifierNames } from './identifiers.ts'
import { statusOf } from './statuses.ts'

/**
 * The profile as a 201 response shows it. The documentation shows `users` and event lists both as an object and as an
 * array, so both are accepted. Source: the seed page, response section and examples.
 */
export interface Echo {
  /** The user in the response; null if there is none. */
  user: JsonObject | null
}

/** The first and last time and the count that the profile stores for an event or purchase. */
export interface Occurrence {
  name: string
  first: string
  last: string
  count: number
}

/**
 * Whether a 2XX is really a response of the API. A login page, a proxy's message or a truncated body is not, and leaves
 * open whether the request was applied.
 */
export function isReadable({ status, body, complete }: Answer): boolean {
  if (!complete) return false
  return statusOf(status).applied === 'queued' ? isQueued(body) : readEcho(body) !== undefined
}

/** A short description of what was received instead of a response of the API. */
export function describeUnreadable({ body, complete, cut }: Answer): string {
  if (!complete) return `the response is not complete (${cut ?? 'the connection broke'})`
  if (body.trim() === '') return 'the response is empty'
  return `the response is not from the API: ${sample(body.trim())}`
}

/** The body of a queued request: `{"message":"queued"}`. Source: contract §7. */
function isQueued(body: string): boolean {
  const parsed = parse(body)
  return isJsonObject(parsed) && typeof parsed['message'] === 'string'
}

/** The echo in a response body; undefined if the body does not have the documented shape. */
export function readEcho(body: string): Echo | undefined {
  const answer = parse(body)
  if (!isJsonObject(answer)) return undefined
  const users = answer['users']
  if (users === undefined && answer['message'] !== 'success') return undefined
  const user = (Array.isArray(users) ? users[0] : users) ?? {}
  if (!isJsonObject(user) || ![answer, user].every(hasReadableResults)) return undefined
  // The documentation's schema has the results next to `users`, its examples have them inside.
  const siblings = resultNames
    .filter(name => Object.hasOwn(answer, name))
    .map(name => [name, answer[name] ?? null] as const)
  const merged: JsonObject = siblings.length === 0 ? user : { ...Object.fromEntries(siblings), ...user }
  return { user: isEmpty(merged) ? null : merged }
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false
  return true
}

const resultNames = ['custom_attributes', 'custom_events', 'purchase_events']

/** Attributes are an object; events and purchases are an object or an array, and the documentation shows both. */
function hasReadableResults(container: JsonObject): boolean {
  const { custom_attributes: attributes, custom_events: events, purchase_events: purchases } = container
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

/** The custom attributes in the echo; undefined if it has none. */
export function echoedAttributes(user: JsonObject): JsonObject | undefined {
  const attributes = user['custom_attributes']
  return isJsonObject(attributes) ? attributes : undefined
}

/** The event or purchase of this name in the echo; undefined if it is not there. */
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

/** The identifiers in the echo. */
export function echoedIdentifiers(user: JsonObject): JsonObject {
  const identifiers: JsonObject = {}
  for (const name of identifierNames) if (Object.hasOwn(user, name)) identifiers[name] = user[name] ?? null
  return identifiers
}

/** What the profile stores for a requested field; undefined if the response does not show it. */
export function returnedValue(
  user: JsonObject,
  kind: Kind,
  body: JsonObject,
  field: string,
): Json | undefined {
  if (kind === 'attributes') {
    // Standard fields are in what a lookup showed; a response of the API has only the identifier.
    const attributes = isCustomAttribute(field) ? echoedAttributes(user) : user
    return attributes !== undefined && Object.hasOwn(attributes, field) ? attributes[field] : undefined
  }
  const occurrence = echoedOccurrence(user, kind, body[occurrenceField[kind]] ?? null)
  if (occurrence === undefined) return undefined
  const { name, first, last, count } = occurrence
  if (field === occurrenceField[kind]) return { [field]: name, count }
  return field === 'time' ? { first, last } : undefined
}

/** The message of an error response together with its `errors`, for the report. */
export function readMessage(body: string): string {
  const answer = parse(body)
  if (!isJsonObject(answer)) return body.slice(0, 200)
  const errors = Array.isArray(answer['errors']) ? answer['errors'] : []
  const messages = [textOf(answer['message'] ?? ''), ...errors.map(errorText)].filter(text => text !== '')
  return [...new Set(messages)].join(' · ')
}

function errorText(error: Json): string {
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
