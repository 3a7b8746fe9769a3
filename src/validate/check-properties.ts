import { reservedProperties } from '../braze/fields.ts'
import { characters, limits } from '../braze/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/**
 * Checks the property names of an event or purchase, and the size of all properties together.
 * Source: braze-docs event_object, nested_objects, custom_event_properties.
 */
export function checkProperties(properties: Json | undefined, kind: Exclude<Kind, 'attributes'>): Problem[] {
  if (!isJsonObject(properties)) return []
  const problems: Problem[] = []
  let hasNested = false
  for (const name of Object.keys(properties)) {
    const field = `properties.${name}`
    const value = properties[name] ?? null
    const rule = reservedProperties[kind].has(name) ? 'a different one: the API reserves it' : ruleFor(name)
    if (rule !== undefined) problems.push(misnamed(field, name, rule))
    if (typeof value !== 'object' || value === null) continue
    hasNested = true
    checkNested(field, value, problems)
  }
  const bytes = hasNested ? Buffer.byteLength(JSON.stringify(properties)) : 0
  if (bytes > limits.propertiesBytes.max) {
    const expected = `at most ${limits.propertiesBytes.max} bytes`
    const message = `The properties have ${bytes} bytes; the API accepts at most ${limits.propertiesBytes.max}.`
    problems.push(
      problem('object_too_large', message, { field: 'properties', expected, came: `${bytes} bytes` }),
    )
  }
  return problems
}

/** The rules for names apply at any depth, but names are only reserved at the first level. */
function checkNested(field: string, value: Json[] | JsonObject, problems: Problem[]): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null) checkNested(field, item, problems)
    }
    return
  }
  for (const name of Object.keys(value)) {
    const path = `${field}.${name}`
    // Times inside objects are written `{"$time": …}`.
    const rule = name === '$time' ? undefined : ruleFor(name)
    if (rule !== undefined) problems.push(misnamed(path, name, rule))
    const inner = value[name] ?? null
    if (typeof inner === 'object' && inner !== null) checkNested(path, inner, problems)
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

/** Checks the length of a text field. */
export function checkLength(value: unknown, field: string, max: number): Problem[] {
  if (typeof value !== 'string' || value.length <= max || characters(value) <= max) return []
  const came = `${characters(value)} characters`
  const message = `\`${field}\` has ${came}; the API accepts at most ${max}.`
  return [problem('field_value', message, { field, expected: `at most ${max} characters`, came })]
}
