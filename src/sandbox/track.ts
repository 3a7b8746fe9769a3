import { endpoints } from '../braze/endpoints.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Kind, kinds } from '../model/kind.ts'
import { type Profiles, Transaction } from './profile.ts'
import { badRequest, errorItem, noValidData, type Reply, type RequestError } from './reply.ts'
import { requestErrorOf } from './request-errors.ts'
import type { Rules } from './rules.ts'
import { write } from './write.ts'

/**
 * `POST /users/track`: writes many objects of any kind and lists the rejected ones in `errors`. Unlike the real
 * endpoint it has written them when it responds.
 */
export function track(request: Json | undefined, profiles: Profiles, now: number, rules: Rules): Reply {
  if (!isJsonObject(request)) return badRequest({ sentence: 'Invalid JSON' }, rules.readings)
  const lists = kinds.flatMap(kind =>
    Object.hasOwn(request, kind) ? [{ kind, list: listOf(request[kind]) }] : [],
  )
  const total = lists.reduce((sum, { list }) => sum + list.length, 0)
  if (total > endpoints.track.objectsMax) {
    return badRequest({ sentence: 'Max Input Length Exceeded' }, rules.readings)
  }
  const transaction = new Transaction(profiles)
  const found: RequestError[] = []
  const processed: JsonObject = {}
  // `kinds` is in the order in which the API processes them.
  for (const { kind, list } of lists) {
    const rejected = list.flatMap((object, index) => {
      const error = writeOne(transaction, kind, object, now, rules)
      return error === undefined ? [] : [{ ...error, kind, index }]
    })
    found.push(...rejected)
    processed[`${kind}_processed`] = list.length - rejected.length
  }
  const errors = found.map(error => errorItem(error, rules.readings))
  if (errors.length === total) {
    return { response: { status: 400, body: { message: noValidData, errors } }, written: null }
  }
  const body = { message: 'success', ...processed, ...(errors.length === 0 ? {} : { errors }) }
  return { response: { status: 201, body }, written: transaction.changes() }
}

function writeOne(
  transaction: Transaction,
  kind: Kind,
  object: Json,
  now: number,
  rules: Rules,
): RequestError | undefined {
  if (!isJsonObject(object)) return { sentence: noValidData }
  const error = requestErrorOf(kind, object, rules.readings)
  if (error === undefined) write(transaction, kind, object, now, rules)
  return error
}

function listOf(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}
