import { readExactJson } from '../model/exact-json.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import { setPath } from './drafts.ts'

/** The identifier columns of Cloud Data Ingestion and their fields. Source: braze-docs cloud_ingestion. */
const identifierPaths = new Map([
  ['external_id', ['external_id']],
  ['alias_name', ['user_alias', 'alias_name']],
  ['alias_label', ['user_alias', 'alias_label']],
  ['braze_id', ['braze_id']],
  ['email', ['email']],
  ['phone', ['phone']],
])

/** Whether these are exactly the columns of Cloud Data Ingestion, in any case. */
export function isIngestionRow(names: readonly string[]): boolean {
  // A fast path: this runs for every JSON record, and most have no such name.
  if (!names.some(name => name.length === 'payload'.length && name.toLowerCase() === 'payload')) return false
  const lowerCase = names.map(name => name.toLowerCase())
  const known = lowerCase.filter(
    name => name === 'payload' || name === 'updated_at' || identifierPaths.has(name),
  )
  return lowerCase.includes('payload') && lowerCase.length > 1 && known.length === lowerCase.length
}

/**
 * The object in the payload of a row, addressed to the user in its identifier columns. `UPDATED_AT` is only for the
 * warehouse and is not sent.
 */
export function fromIngestion(
  row: Iterable<readonly [string, Json]>,
): { object: JsonObject } | { problem: Problem } {
  const address: JsonObject = {}
  let payload: Json = null
  for (const [name, value] of row) {
    const lowerCase = name.toLowerCase()
    const path = identifierPaths.get(lowerCase)
    if (lowerCase === 'payload') payload = value
    else if (path !== undefined && value !== null && value !== '') setPath(address, path, value)
  }
  const parsed = typeof payload === 'string' ? readExactJson(payload) : { value: payload }
  if ('problem' in parsed) return { problem: { ...parsed.problem, field: 'payload' } }
  if (!isJsonObject(parsed.value)) {
    const message = `The payload is ${sample(parsed.value)}, not an object.`
    return {
      problem: problem('json_shape', message, {
        field: 'payload',
        expected: 'a JSON object',
        came: sample(parsed.value),
      }),
    }
  }
  const object = { ...address }
  for (const [name, value] of Object.entries(parsed.value)) {
    if (Object.hasOwn(address, name) && JSON.stringify(address[name]) !== JSON.stringify(value)) {
      return { problem: conflict(name, address[name] ?? null, value) }
    }
    setKey(object, name, value)
  }
  return { object }
}

function conflict(name: string, column: Json, payload: Json): Problem {
  const message = `\`${name}\` is ${sample(column)} in its column and ${sample(payload)} in the payload.`
  return problem('field_value', message, { field: name, expected: sample(column), came: sample(payload) })
}
