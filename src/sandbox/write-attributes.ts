import { brokenLimit } from '../braze/broken-limits.ts'
import { fieldOf, isCustomAttribute } from '../braze/fields.ts'
import { addressOf, isIdentifier } from '../braze/identifiers.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import type { Profile } from './profile.ts'
import type { Rules } from './rules.ts'
import { storedStandardValue } from './standard-fields.ts'
import { storedValue } from './store.ts'

/** The profile after an attributes object. The readings decide where the contract is ambiguous. */
export function writeAttributes(profile: Profile, body: JsonObject, now: number, rules: Rules): Profile {
  const { readings, pinned } = rules
  const standard = { ...profile.standard }
  const custom = { ...profile.custom_attributes }
  const address = addressOf(body)
  const merge = body['_merge_objects'] === true
  const dropsNested = readings.nestedInvalid === 'all_nested' && hasInvalidNested(body, rules)
  for (const [name, value] of Object.entries(body)) {
    if (isCustomAttribute(name)) {
      if (dropsNested && isNested(value)) continue
      const context = { readings, now, merge, pinned: pinned.get(name) }
      setField(
        custom,
        name,
        value === null ? null : storedValue(name, value, ownValue(custom, name), context),
      )
    } else if (name !== address && fieldOf('attributes', name)?.control !== true && !isPrimary(name)) {
      setField(standard, name, storedStandardValue(name, value, readings))
    }
  }
  return { ...profile, standard, custom_attributes: custom, updatedAt: now }
}

/** Null removes the field, undefined leaves it unchanged. */
function setField(fields: JsonObject, name: string, value: Json | undefined): void {
  if (value === null) delete fields[name]
  else if (value !== undefined) setKey(fields, name, value)
}

/** Whether one invalid value drops all nested updates of the request. Source: contract §3.6. */
function hasInvalidNested(body: JsonObject, { readings }: Rules): boolean {
  return Object.entries(body).some(
    ([name, value]) =>
      isCustomAttribute(name) &&
      isNested(value) &&
      brokenLimit(name, value, readings) === 'nested_invalid_dropped',
  )
}

/** Objects and arrays of objects, updated or replaced; `inc`, `add` and `remove` are not nested. */
function isNested(value: Json): boolean {
  if (Array.isArray(value)) return value.some(isJsonObject)
  if (!isJsonObject(value)) return false
  const operation = operationOf(value)
  return operation === undefined || '$add' in operation
}

function ownValue(fields: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function isPrimary(name: string): boolean {
  return isIdentifier(name) && name !== 'email' && name !== 'phone'
}
