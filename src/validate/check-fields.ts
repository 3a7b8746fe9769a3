import {
  type Field,
  fieldOf,
  fields,
  type FieldType,
  requiredFields,
  reservedAttributes,
} from '../braze/fields.ts'
import { addressOf, isIdentifier } from '../braze/identifiers.ts'
import { readMoment } from '../braze/moments.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/** Checks that required fields are present, fields have their type, and events and purchases have no other fields. */
export function checkFields(body: JsonObject, kind: Kind): Problem[] {
  const problems: Problem[] = []
  const requireField = (name: string) => {
    if (body[name] === undefined || body[name] === null) problems.push(missing(name))
  }
  for (const name of requiredFields[kind]) requireField(name)
  // A push token import without an identifier must at least have tokens.
  const isTokenImport = kind === 'attributes' && body['push_token_import'] === true
  if (isTokenImport && addressOf(body) === undefined) requireField('push_tokens')
  for (const name of Object.keys(body)) {
    const found = checkField(name, body[name] ?? null, kind)
    if (found !== undefined) problems.push(found)
  }
  return problems
}

function checkField(name: string, value: Json, kind: Kind): Problem | undefined {
  if (isIdentifier(name)) return undefined
  const field = fieldOf(kind, name)
  if (field === undefined) {
    if (kind !== 'attributes') return unknown(name, kind)
    return reservedAttributes.get(name) === 'refused' ? reserved(name) : undefined
  }
  if (value === null) {
    // Null removes a field of a profile; a required field that is null is reported above.
    const removesValue = kind === 'attributes' && field.control !== true
    return removesValue || field.required === true ? undefined : mistyped(name, typeNames[field.type], value)
  }
  if (field.required === true && value === '') return mistyped(name, 'not empty', value)
  if (!hasType(field, value)) return mistyped(name, typeNames[field.type], value)
  const { accepts, onInvalid } = field
  if (accepts === undefined || onInvalid !== 'refused' || accepts.test(value)) return undefined
  return { ...mistyped(name, accepts.words, value), code: 'field_value' }
}

const typeNames: Record<FieldType, string> = {
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  time: 'a time such as 2022-12-06T19:20:45Z',
  object: 'an object',
  array: 'a list',
  any: 'a value',
}

function hasType({ type }: Field, value: Json): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'time':
      return typeof value === 'string' && readMoment(value) !== undefined
    case 'object':
      return isJsonObject(value)
    case 'array':
      return Array.isArray(value) || isJsonObject(value)
    case 'any':
      return true
  }
}

function missing(name: string): Problem {
  const expected = `\`${name}\``
  return problem('field_required', `\`${name}\` is missing.`, { field: name, expected, came: 'nothing' })
}

function reserved(name: string): Problem {
  const message = `\`${name}\` is a name that the API rejects.`
  return problem('key_invalid', message, { field: name, expected: 'another name', came: name })
}

function mistyped(field: string, expected: string, value: Json): Problem {
  const came = sample(value)
  return problem('field_type', `\`${field}\` should be ${expected}; it is ${came}.`, {
    field,
    expected,
    came,
  })
}

function unknown(name: string, kind: Kind): Problem {
  const known = Object.keys(fields[kind]).join(', ')
  const message = `\`${name}\` is not a field of ${kind === 'events' ? 'an event' : 'a purchase'}; put it under properties.`
  return problem('field_unknown', message, { field: name, expected: known, came: name })
}
