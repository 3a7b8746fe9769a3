import { readExactJson } from '../model/exact-json.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import { setPath } from './draft.ts'

/** The identifier columns of Cloud Data Ingestion and the fields they fill. Source: braze-docs cloud_ingestion. */
const identifierPaths = new Map([
  ['external_id', ['external_id']],
  ['alias_name', ['user_alias', 'alias_name']],
  ['alias_label', ['user_alias', 'alias_label']],
  ['braze_id', ['braze_id']],
  ['email', ['email']],
  ['phone', ['phone']],
])

/** Whether these are the columns of a row of Cloud Data Ingestion and no others; their case does not matter. */
export function isIngestion(names: readonly string[]): boolean {
  // Asked of every record of JSON; most have no such name.
  if (!names.some(name => name.length === 'payload'.length && name.toLowerCase() === 'payload')) return false
  const plain = names.map(name => name.toLowerCase())
  const known = plain.filter(name => name === 'payload' || name === 'updated_at' || identifierPaths.has(name))
  return plain.includes('payload') && plain.length > 1 && known.length === plain.length
}

/**
 * The object of a row: what its payload says, addressed to the user that its identifier columns name. `UPDATED_AT` is
 * for the warehouse and is not sent.
 */
export function fromIngestion(
  row: Iterable<readonly [string, Json]>,
): { object: JsonObject } | { problem: Problem } {
  const address: JsonObject = {}
  let payload: Json = null
  for (const [name, value] of row) {
    const plain = name.toLowerCase()
    const path = identifierPaths.get(plain)
    if (plain === 'payload') payload = value
    else if (path !== undefined && value !== null && value !== '') setPath(address, path, value)
  }
  const read = typeof payload === 'string' ? readExactJson(payload) : { value: payload }
  if ('problem' in read) return { problem: { ...read.problem, field: 'payload' } }
  if (!isJsonObject(read.value)) {
    const message = `The payload is ${sample(read.value)}, not an object.`
    return {
      problem: problem('json_shape', message, {
        field: 'payload',
        expected: 'a JSON object',
        came: sample(read.value),
      }),
    }
  }
  const object = { ...address }
  for (const [name, value] of Object.entries(read.value)) {
    if (Object.hasOwn(address, name) && JSON.stringify(address[name]) !== JSON.stringify(value)) {
      return { problem: contradiction(name, address[name] ?? null, value) }
    }
    setKey(object, name, value)
  }
  return { object }
}

function contradiction(name: string, column: Json, payload: Json): Problem {
  const message = `\`${name}\` is ${sample(column)} in its column and ${sample(payload)} in the payload.`
  return problem('field_value', message, { field: name, expected: sample(column), came: sample(payload) })
}
