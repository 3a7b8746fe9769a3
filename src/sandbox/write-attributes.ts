import { isCustomAttribute, fieldOf } from '../model/fields.ts'
import { isIdentifier, addressOf } from '../model/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, sameJson, setKey } from '../model/json.ts'
import { characters, limits } from '../model/limits.ts'
import { operationOf } from '../model/operation.ts'
import { readMoment, sayMoment } from '../model/time.ts'
import type { Profile } from './profile.ts'

/** The profile after an attributes object. Where the contract leaves a choice, its default is taken. */
export function writeAttributes(profile: Profile, body: JsonObject, now: number): Profile {
  const standard = { ...profile.standard }
  const custom = { ...profile.custom_attributes }
  const address = addressOf(body)
  const merge = body['_merge_objects'] === true
  for (const [name, value] of Object.entries(body)) {
    if (isCustomAttribute(name)) write(custom, name, value, merge)
    else if (name !== address && fieldOf('attributes', name)?.control !== true && !isPrimary(name)) {
      write(standard, name, value, false)
    }
  }
  return { ...profile, standard, custom_attributes: custom, updatedAt: now }
}

function isPrimary(name: string): boolean {
  return isIdentifier(name) && name !== 'email' && name !== 'phone'
}

function write(fields: JsonObject, name: string, value: Json, merge: boolean): void {
  const old = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === null) {
    delete fields[name]
    return
  }
  const stored = isJsonObject(value) ? operate(old, value, merge) : store(value)
  if (stored !== undefined) setKey(fields, name, stored)
}

/** What a plain value is kept as; undefined where the update is dropped and the old value stays. */
function store(value: Json): Json | undefined {
  if (typeof value === 'string') {
    const moment = readMoment(value)
    if (moment !== undefined && isKeptAsTime(moment.ms)) return sayMoment(moment.ms)
    return characters(value) > limits.stringCharacters.max ? undefined : value
  }
  return Array.isArray(value) ? asSet(value) : value
}

/** A moment before the year 0 or after 3000 stays the text it came as. Source: braze-docs user_attributes_object. */
function isKeptAsTime(ms: number): boolean {
  const year = new Date(ms).getUTCFullYear()
  return year >= 0 && year <= limits.dateYear.max
}

/** A list is a set with an order: adding an element again moves it to the end, and the oldest leave when it is full. */
function asSet(list: Json[]): Json[] {
  if (list.some(isJsonObject)) return list
  const kept: Json[] = []
  for (const item of list) {
    const at = kept.findIndex(other => sameJson(other, item))
    if (at >= 0) kept.splice(at, 1)
    kept.push(item)
  }
  return kept.slice(-limits.arrayElements.max)
}

/** `inc`, `add` and `remove`, or an object that replaces or is merged. */
function operate(old: Json | undefined, value: JsonObject, merge: boolean): Json | undefined {
  const operation = operationOf(value)
  if (operation === undefined) return merge && isJsonObject(old) ? deepMerge(old, value) : value
  if ('inc' in operation) return (typeof old === 'number' ? old : 0) + operation.inc
  const { add, remove } = operation
  const added = [...(Array.isArray(old) ? old : []), ...(add ?? [])]
  return asSet(added.filter(item => !(remove ?? []).some(gone => sameJson(gone, item))))
}

function deepMerge(into: JsonObject, from: JsonObject): JsonObject {
  const merged = { ...into }
  for (const [key, value] of Object.entries(from)) {
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined
    setKey(merged, key, isJsonObject(old) && isJsonObject(value) ? deepMerge(old, value) : value)
  }
  return merged
}
