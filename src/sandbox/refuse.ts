import { isCurrency } from '../braze/accepts.ts'
import type { Readings } from '../braze/assumptions.ts'
import { lengthOf } from '../braze/broken-limits.ts'
import { fields, occurrenceField } from '../braze/fields.ts'
import { addressOf, isEmail, primaryIdentifiers } from '../braze/identifiers.ts'
import { limits, utf8Bytes } from '../braze/limits.ts'
import { readMoment } from '../braze/moments.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Mistake } from './reply.ts'
import { standardMistake } from './standard-mistake.ts'
import { propertiesMistake } from './store-properties.ts'

/** Why the API refuses an object; undefined where it takes it. */
export function mistakeOf(kind: Kind, body: JsonObject, readings: Readings): Mistake | undefined {
  const wrong = identifierMistake(kind, body)
  if (wrong !== undefined) return wrong
  return kind === 'attributes' ? standardMistake(body) : occurrenceMistake(kind, body, readings)
}

function identifierMistake(kind: Kind, body: JsonObject): Mistake | undefined {
  const address = addressOf(body)
  if (address === undefined) {
    if (kind === 'attributes' && body['push_token_import'] === true) return undefined
    return { sentence: "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required" }
  }
  if (primaryIdentifiers.filter(name => body[name] !== undefined && body[name] !== null).length > 1) {
    return { sentence: "Only one of 'external_id', 'braze_id' or 'user_alias' may be given" }
  }
  const value = body[address]
  if (address === 'user_alias') return aliasMistake(value ?? null)
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

function aliasMistake(alias: Json): Mistake | undefined {
  const parts = isJsonObject(alias) ? [alias['alias_name'], alias['alias_label']] : []
  const sound = parts.filter(
    part => typeof part === 'string' && part !== '' && utf8Bytes(part) <= limits.aliasBytes.max,
  )
  return sound.length === 2 ? undefined : { sentence: "'user_alias' needs 'alias_name' and 'alias_label'" }
}

function occurrenceMistake(
  kind: 'events' | 'purchases',
  body: JsonObject,
  readings: Readings,
): Mistake | undefined {
  const missing = Object.entries(fields[kind]).find(
    ([name, field]) => field.required === true && !(name in body),
  )
  if (missing !== undefined) return { sentence: `'${missing[0]}' is required` }
  const name = body[occurrenceField[kind]]
  const { max } = kind === 'events' ? limits.eventNameCharacters : limits.productIdCharacters
  if (typeof name !== 'string' || name === '' || lengthOf(name, readings) > max) {
    return notValid(occurrenceField[kind])
  }
  if (readMoment(textOf(body['time'])) === undefined) return notValid('time')
  return (
    propertiesMistake(kind, body['properties'] ?? {}, readings) ??
    (kind === 'purchases' ? priceMistake(body) : undefined)
  )
}

function priceMistake({ price, currency, quantity = 1 }: JsonObject): Mistake | undefined {
  if (typeof price !== 'number') return notValid('price')
  if (typeof currency !== 'string' || !isCurrency(currency)) return notValid('currency')
  const counted = typeof quantity === 'number' && Number.isInteger(quantity)
  const within = counted && quantity >= 1 && quantity <= limits.purchaseQuantity.max
  return within ? undefined : notValid('quantity')
}

function notValid(field: string): Mistake {
  return { sentence: `'${field}' is not valid` }
}
