import { isCurrency } from '../braze/accepts.ts'
import { characters, limits } from '../braze/limits.ts'
import type { JsonObject } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { checkFields } from './check-fields.ts'
import { checkIdentifiers } from './check-identifiers.ts'
import { checkLength, checkProperties } from './check-properties.ts'

/**
 * Adds all problems of an object to it. An object with problems is `invalid`: it is never sent, but still goes to the
 * journal. The rules are in the tables of `braze`, which name their sources.
 */
export function check(object: TrackObject): TrackObject {
  const found = object.kind === null ? [] : problemsOf(object, object.kind)
  if (found.length === 0 && object.problems.length === 0) return object
  const { file, row, line } = object
  const problems = [...object.problems, ...found].map(one => ({ ...one, file, row, line }))
  return { ...object, problems }
}

function problemsOf({ body, raw }: TrackObject, kind: NonNullable<TrackObject['kind']>): Problem[] {
  const problems = checkIdentifiers(body, kind)
  problems.push(...checkFields(body, kind))
  if (kind === 'attributes') for (const key of Object.keys(body)) problems.push(...checkAttributeKey(key))
  else problems.push(...checkProperties(body['properties'], kind))
  if (kind === 'events') problems.push(...checkLength(body['name'], 'name', limits.eventNameCharacters.max))
  if (kind === 'purchases') problems.push(...checkPurchase(body))
  // Measuring is as expensive as sending, so only large records are measured.
  const mayBeTooLarge = raw.length * 8 > limits.requestBytes.max
  const bytes = mayBeTooLarge ? Buffer.byteLength(JSON.stringify({ [kind]: [body] })) : 0
  if (bytes > limits.requestBytes.max) {
    const message = `The request would have ${bytes} bytes; the API accepts at most ${limits.requestBytes.max}.`
    problems.push(
      problem('object_too_large', message, {
        expected: `at most ${limits.requestBytes.max} bytes`,
        came: `${bytes} bytes`,
      }),
    )
  }
  return problems
}

const none: readonly Problem[] = []

function checkAttributeKey(key: string): readonly Problem[] {
  if (key === '') {
    const expected = 'a name'
    return [problem('key_invalid', 'An attribute has no name.', { field: key, expected, came: '""' })]
  }
  const length = key.length > limits.attributeKeyCharacters.max ? characters(key) : 0
  if (length <= limits.attributeKeyCharacters.max) return none
  const expected = `at most ${limits.attributeKeyCharacters.max} characters`
  const message = `The attribute name ${sample(key)} has ${length} characters; the API accepts at most ${limits.attributeKeyCharacters.max}.`
  return [problem('key_invalid', message, { field: key, expected, came: `${length} characters` })]
}

/**
 * Checks the currency, quantity and product of a purchase. A negative price is a refund. Source: braze-docs
 * purchase_object.
 */
function checkPurchase(body: JsonObject): Problem[] {
  const { currency, quantity } = body
  const problems = checkLength(body['product_id'], 'product_id', limits.productIdCharacters.max)
  if (typeof currency === 'string' && currency !== '' && !isCurrency(currency)) {
    problems.push(outOfRange('currency', 'an ISO 4217 code such as USD', currency))
  }
  const max = limits.purchaseQuantity.max
  if (typeof quantity === 'number' && Number.isInteger(quantity) && (quantity < 1 || quantity > max)) {
    problems.push(outOfRange('quantity', `between 1 and ${max}`, quantity))
  }
  return problems
}

function outOfRange(field: string, expected: string, value: string | number): Problem {
  const came = sample(value)
  return problem('field_value', `\`${field}\` should be ${expected}; it is ${came}.`, {
    field,
    expected,
    came,
  })
}
