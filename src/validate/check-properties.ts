import { reservedProperties } from '../braze/fields.ts'
import { characters, limits } from '../braze/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/**
 * Property names of events and purchases, and the size of all of them together.
 * Source: braze-docs event_object, nested_objects, custom_event_properties.
 */
export function checkProperties(properties: Json | undefined, kind: Exclude<Kind, 'attributes'>): Problem[] {
  if (!isJsonObject(properties)) return []
  const problems: Problem[] = []
  let nested = false
  for (const name of Object.keys(properties)) {
    const field = `properties.${name}`
    const value = properties[name] ?? null
    const rule = reservedProperties[kind].has(name) ? 'a different one: the API reserves it' : ruleFor(name)
    if (rule !== undefined) problems.push(misnamed(field, name, rule))
    if (typeof value !== 'object' || value === null) continue
    nested = true
    checkInside(field, value, problems)
  }
  const bytes = nested ? Buffer.byteLength(JSON.stringify(properties)) : 0
  if (bytes > limits.propertiesBytes.max) {
    const expected = `at most ${limits.propertiesBytes.max} bytes`
    const message = `The properties have ${bytes} bytes; the API accepts at most ${limits.propertiesBytes.max}.`
    problems.push(
      problem('object_too_large', message, { field: 'properties', expected, came: `${bytes} bytes` }),
    )
  }
  return problems
}

/** Names at any depth follow the rules of the first level; only there are names reserved. */
function checkInside(field: string, value: Json[] | JsonObject, problems: Problem[]): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null) checkInside(field, item, problems)
    }
    return
  }
  for (const name of Object.keys(value)) {
    const at = `${field}.${name}`
    // `{"$time": …}` is how an object holds a time.
    const rule = name === '$time' ? undefined : ruleFor(name)
    if (rule !== undefined) problems.push(misnamed(at, name, rule))
    const inner = value[name] ?? null
    if (typeof inner === 'object' && inner !== null) checkInside(at, inner, problems)
  }
}

function ruleFor(name: string): string | undefined {
  const max = limits.propertyNameCharacters.max
  if (name === '') return 'not empty'
  if (name.startsWith('$')) return 'without a leading $'
  return name.length > max && characters(name) > max ? `at most ${max} characters long` : undefined
}

function misnamed(field: string, name: string, rule: string): Problem {
  const message = `The property name ${sample(name)} should be ${rule}.`
  return problem('key_invalid', message, { field, expected: rule, came: sample(name) })
}

/** Whether a text that names something is within its limit. */
export function checkLength(value: unknown, field: string, max: number): Problem[] {
  if (typeof value !== 'string' || value.length <= max || characters(value) <= max) return []
  const came = `${characters(value)} characters`
  const message = `\`${field}\` has ${came}; the API accepts at most ${max}.`
  return [problem('field_value', message, { field, expected: `at most ${max} characters`, came })]
}
