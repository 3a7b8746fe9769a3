import { type Field, type FieldType, fieldOf, fields, type Kind } from '../model/fields.ts'
import { isIdentifier } from '../model/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import { readMoment } from '../model/time.ts'

/** Required fields are there, every named field has its type, and events and purchases have no other. */
export function checkFields(body: JsonObject, kind: Kind): Problem[] {
  const missing = Object.entries(fields[kind])
    .filter(([name, field]) => field.required === true && (body[name] === undefined || body[name] === null))
    .map(([name]) =>
      problem('field_required', `\`${name}\` is missing.`, {
        field: name,
        expected: `\`${name}\``,
        came: 'nothing',
      }),
    )
  const wrong = Object.entries(body).flatMap(([name, value]) => checkField(name, value, kind))
  return [...missing, ...wrong]
}

function checkField(name: string, value: Json, kind: Kind): Problem[] {
  if (isIdentifier(name)) return []
  const field = fieldOf(kind, name)
  if (field === undefined) return kind === 'attributes' ? [] : [unknown(name, kind)]
  // Null removes a profile field; in events and purchases a missing required field is told above.
  if (value === null && (kind === 'attributes' || field.required === true)) return []
  if (field.required === true && value === '') return [mistyped(name, 'not empty', value)]
  return fits(field, value) ? [] : [mistyped(name, words[field.type], value)]
}

const words: Record<FieldType, string> = {
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  time: 'a time such as 2022-12-06T19:20:45Z',
  object: 'an object',
  array: 'a list',
  any: 'a value',
}

function fits({ type }: Field, value: Json): boolean {
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
