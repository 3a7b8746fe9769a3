import { addressOf, type Identifier, identifierNames, identifiers, isEmail } from '../braze/identifiers.ts'
import { utf8Bytes } from '../braze/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/** Checks that there is an identifier, that at most one is primary, and that each is valid. */
export function checkIdentifiers(body: JsonObject, kind: Kind): Problem[] {
  const address = addressOf(body)
  if (address === undefined) {
    if (kind === 'attributes' && body['push_token_import'] === true) return []
    const expected = `one of ${identifierNames.join(', ')}`
    return [
      problem('identifier_missing', 'The row does not identify a user.', {
        expected,
        came: 'none',
      }),
    ]
  }
  const problems: Problem[] = []
  const primary: Identifier[] = []
  for (const name of identifierNames) {
    const value = body[name]
    if (value === undefined) continue
    if (value === null) {
      if (notRemovable.has(name)) problems.push(...invalid(name, 'a value, or left out', 'null'))
      continue
    }
    if (identifiers[name].primary) primary.push(name)
    problems.push(...checkIdentifier(name, value))
  }
  if (primary.length < 2) return problems
  const came = primary.join(', ')
  const message = `The row has two primary identifiers, ${primary.join(' and ')}; the API rejects that.`
  return [problem('identifier_two', message, { field: came, expected: 'one', came })]
}

/** Identifiers that cannot be removed, unlike email and phone. Source: braze-docs user_attributes_object. */
const notRemovable: ReadonlySet<Identifier> = new Set(['external_id', 'user_alias'])

function checkIdentifier(name: Identifier, value: Json): Problem[] {
  if (name === 'user_alias') return checkAlias(value)
  if (name === 'email' && typeof value === 'string' && value !== '' && !isEmail(value)) {
    return invalid(name, 'an address such as name@example.com', sample(value))
  }
  if (name === 'phone' && typeof value === 'string' && value !== '' && !/\d/.test(value)) {
    return invalid(name, 'a number such as +15551234567', sample(value))
  }
  return checkText(name, value, identifiers[name].bytesMax)
}

function checkAlias(value: Json): Problem[] {
  if (!isJsonObject(value))
    return invalid('user_alias', 'an object with alias_name and alias_label', sample(value))
  const parts = ['alias_name', 'alias_label'] as const
  return parts.flatMap(part =>
    checkText(`user_alias.${part}`, value[part] ?? null, identifiers.user_alias.bytesMax),
  )
}

function checkText(field: string, value: Json, bytesMax: number): Problem[] {
  if (typeof value !== 'string') return invalid(field, 'text', sample(value))
  if (value.trim() === '') return invalid(field, 'text that is not empty', sample(value))
  const bytes = value.length * 3 > bytesMax ? utf8Bytes(value) : 0
  return bytes > bytesMax ? invalid(field, `at most ${bytesMax} bytes`, `${bytes} bytes`) : []
}

function invalid(field: string, expected: string, came: string): Problem[] {
  return [
    problem('identifier_invalid', `\`${field}\` should be ${expected}; it is ${came}.`, {
      field,
      expected,
      came,
    }),
  ]
}
