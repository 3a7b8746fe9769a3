import { characters, limits, utf8Bytes } from '../model/limits.ts'
import { fields, isKind, type Kind, occurrenceField } from '../model/fields.ts'
import { addressOf, primaryIdentifiers } from '../model/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
import { readMoment } from '../model/time.ts'

/** The one object of a request, or why the API refuses the request. */
export type Accepted = { kind: Kind; body: JsonObject } | { refused: string; kind?: Kind }

/**
 * The object of a request body. Both forms are taken, one object and a list of one; anything else is refused. The
 * sentences are those seen of the API where one was seen. Source: contract §1.1, §1.2, §6.4.
 */
export function accept(request: Json | undefined): Accepted {
  if (!isJsonObject(request)) return { refused: 'Invalid JSON' }
  const named = Object.keys(request).filter(isKind)
  const [kind] = named
  if (kind === undefined) return { refused: nothingValid }
  if (named.length > 1) return { refused: 'Only one of attributes, events or purchases may be sent' }
  const value = request[kind] ?? null
  const objects = Array.isArray(value) ? value : [value]
  const [object] = objects
  if (objects.length > 1) return { refused: 'Max Input Length Exceeded', kind }
  if (!isJsonObject(object)) return { refused: nothingValid, kind }
  const wrong = identifierMistake(kind, object) ?? fieldMistake(kind, object)
  return wrong === undefined ? { kind, body: object } : { refused: wrong, kind }
}

const nothingValid = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

function identifierMistake(kind: Kind, body: JsonObject): string | undefined {
  const address = addressOf(body)
  if (address === undefined) {
    if (kind === 'attributes' && body['push_token_import'] === true) return undefined
    return "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
  }
  if (primaryIdentifiers.filter(name => body[name] !== undefined && body[name] !== null).length > 1) {
    return "Only one of 'external_id', 'braze_id' or 'user_alias' may be given"
  }
  const value = body[address]
  if (address === 'user_alias') return aliasMistake(value ?? null)
  if (typeof value !== 'string' || value === '') return `'${address}' is not valid`
  if (address === 'external_id' && utf8Bytes(value) > limits.externalIdBytes.max)
    return 'EXTERNAL_USER_ID_TOO_LARGE'
  const { email } = body
  if (typeof email === 'string' && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    return "The value provided for the 'email' field is not a valid email."
  }
  return undefined
}

function aliasMistake(alias: Json): string | undefined {
  const parts = isJsonObject(alias) ? [alias['alias_name'], alias['alias_label']] : []
  const sound = parts.filter(
    part => typeof part === 'string' && part !== '' && utf8Bytes(part) <= limits.aliasBytes.max,
  )
  return sound.length === 2 ? undefined : "'user_alias' needs 'alias_name' and 'alias_label'"
}

function fieldMistake(kind: Kind, body: JsonObject): string | undefined {
  if (kind === 'attributes') return undefined
  const missing = Object.entries(fields[kind]).find(
    ([name, field]) => field.required === true && !(name in body),
  )
  if (missing !== undefined) return `'${missing[0]}' is required`
  const name = body[occurrenceField[kind]]
  const long = typeof name === 'string' && characters(name) > limits.eventNameCharacters.max
  if (typeof name !== 'string' || name === '' || long) return `'${occurrenceField[kind]}' is not valid`
  if (readMoment(textOf(body['time'])) === undefined) return "'time' is not valid"
  const { properties = {} } = body
  if (!isJsonObject(properties)) return "Invalid 'properties' field"
  if (kind === 'events') return undefined
  const { price, currency, quantity = 1 } = body
  if (typeof price !== 'number') return "'price' is not valid"
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return "'currency' is not valid"
  const counted = typeof quantity === 'number' && Number.isInteger(quantity)
  const within = counted && quantity >= 1 && quantity <= limits.purchaseQuantity.max
  return within ? undefined : "'quantity' is not valid"
}
