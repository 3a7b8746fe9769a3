import { isJsonObject, type Json } from '../model/json.ts'
import { characters, limits } from '../model/limits.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/**
 * Property names of events and purchases, and the size of all of them together.
 * Source: braze-docs event_object, nested_objects.
 */
export function checkProperties(properties: Json | undefined): Problem[] {
  if (!isJsonObject(properties)) return []
  const names = Object.keys(properties).flatMap(checkName)
  const nested = Object.values(properties).some(value => typeof value === 'object' && value !== null)
  const bytes = nested ? Buffer.byteLength(JSON.stringify(properties)) : 0
  if (bytes <= limits.propertiesBytes.max) return names
  const expected = `at most ${limits.propertiesBytes.max} bytes`
  const message = `The properties have ${bytes} bytes; the API takes ${limits.propertiesBytes.max}.`
  return [
    ...names,
    problem('object_too_large', message, { field: 'properties', expected, came: `${bytes} bytes` }),
  ]
}

function checkName(name: string): Problem[] {
  const max = limits.propertyNameCharacters.max
  const rule =
    name === ''
      ? 'not empty'
      : name.startsWith('$')
        ? 'without a leading $'
        : name.length > max && characters(name) > max
          ? `at most ${max} characters long`
          : undefined
  if (rule === undefined) return []
  const message = `The property name ${sample(name)} should be ${rule}.`
  return [
    problem('key_invalid', message, { field: `properties.${name}`, expected: rule, came: sample(name) }),
  ]
}
