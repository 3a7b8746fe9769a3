import { isCurrency } from '../braze/accepts.ts'
import type { Readings } from '../braze/assumptions.ts'
import { lengthOf } from '../braze/broken-limits.ts'
import { fields, occurrenceField, reservedProperties } from '../braze/fields.ts'
import { addressOf, isEmail, primaryIdentifiers } from '../braze/identifiers.ts'
import { limits, utf8Bytes } from '../braze/limits.ts'
import { readMoment } from '../braze/moments.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { RequestError } from './reply.ts'
import { standardFieldError } from './standard-field-errors.ts'

/** Why the API rejects an object; undefined if it accepts it. */
export function requestErrorOf(kind: Kind, body: JsonObject, readings: Readings): RequestError | undefined {
  const error = identifierError(kind, body)
  if (error !== undefined) return error
  return kind === 'attributes' ? standardFieldError(body) : occurrenceError(kind, body, readings)
}

function identifierError(kind: Kind, body: JsonObject): RequestError | undefined {
  const address = addressOf(body)
  if (address === undefined) {
    if (kind === 'attributes' && body['push_token_import'] === true) return undefined
    return { sentence: "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required" }
  }
  if (primaryIdentifiers.filter(name => body[name] !== undefined && body[name] !== null).length > 1) {
    return { sentence: "Only one of 'external_id', 'braze_id' or 'user_alias' may be given" }
  }
  const value = body[address]
  if (address === 'user_alias') return aliasError(value ?? null)
  if (typeof value !== 'string' || value === '') return { sentence: `'${address}' is not valid` }
  if (address === 'external_id' && utf8Bytes(value) > limits.externalIdBytes.max) {
    return { sentence: 'EXTERNAL_USER_ID_TOO_LARGE' }
  }
  const { email } = body
  if (typeof email !== 'string' || isEmail(email)) return undefined
  return {
    sentence: "The value provided for the 'email' field is not a valid email.",
    code: 'EMAIL_BAD_FORMAT',
  }
}

function aliasError(alias: Json): RequestError | undefined {
  const parts = isJsonObject(alias) ? [alias['alias_name'], alias['alias_label']] : []
  const valid = parts.filter(
    part => typeof part === 'string' && part !== '' && utf8Bytes(part) <= limits.aliasBytes.max,
  )
  return valid.length === 2 ? undefined : { sentence: "'user_alias' needs 'alias_name' and 'alias_label'" }
}

function occurrenceError(
  kind: 'events' | 'purchases',
  body: JsonObject,
  readings: Readings,
): RequestError | undefined {
  const missing = Object.entries(fields[kind]).find(
    ([name, field]) => field.required === true && !(name in body),
  )
  if (missing !== undefined) return { sentence: `'${missing[0]}' is required` }
  const name = body[occurrenceField[kind]]
  const { max } = kind === 'events' ? limits.eventNameCharacters : limits.productIdCharacters
  if (typeof name !== 'string' || name === '' || lengthOf(name, readings) > max) {
    return invalidField(occurrenceField[kind])
  }
  if (readMoment(textOf(body['time'])) === undefined) return invalidField('time')
  return (
    propertiesError(kind, body['properties'] ?? {}, readings) ??
    (kind === 'purchases' ? purchaseError(body) : undefined)
  )
}

/**
 * Why the API rejects the properties of an event or purchase. They are not stored on the profile, so only their names
 * and size are checked, and the size only if one of them is nested. Source: contract §4, §5.
 */
function propertiesError(
  kind: 'events' | 'purchases',
  properties: Json,
  readings: Readings,
): RequestError | undefined {
  const error = { sentence: "Invalid 'properties' field" }
  if (!isJsonObject(properties)) return error
  const isInvalidName = (name: string) =>
    name === '' ||
    name.startsWith('$') ||
    reservedProperties[kind].has(name) ||
    lengthOf(name, readings) > limits.propertyNameCharacters.max
  if (Object.keys(properties).some(isInvalidName)) return error
  const max = kind === 'events' ? limits.propertiesBytes.max : readings.purchasePropertiesBytes
  const nested = Object.values(properties).some(value => typeof value === 'object' && value !== null)
  return nested && Buffer.byteLength(JSON.stringify(properties)) > max ? error : undefined
}

function purchaseError({ price, currency, quantity = 1 }: JsonObject): RequestError | undefined {
  if (typeof price !== 'number') return invalidField('price')
  if (typeof currency !== 'string' || !isCurrency(currency)) return invalidField('currency')
  const isInteger = typeof quantity === 'number' && Number.isInteger(quantity)
  const isInRange = isInteger && quantity >= 1 && quantity <= limits.purchaseQuantity.max
  return isInRange ? undefined : invalidField('quantity')
}

function invalidField(field: string): RequestError {
  return { sentence: `'${field}' is not valid` }
}
