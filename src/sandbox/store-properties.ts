import type { Readings } from '../braze/assumptions.ts'
import { lengthOf } from '../braze/broken-limits.ts'
import { reservedProperties } from '../braze/fields.ts'
import { limits } from '../braze/limits.ts'
import { isJsonObject, type Json } from '../model/json.ts'
import type { Mistake } from './reply.ts'

/**
 * Why the properties of an event or purchase are refused. Their values are not on the profile, so that nothing is
 * checked of them but their size, and that only where one of them is a list or an object. Source: contract §4, §5.
 */
export function propertiesMistake(
  kind: 'events' | 'purchases',
  properties: Json,
  readings: Readings,
): Mistake | undefined {
  const mistake = { sentence: "Invalid 'properties' field" }
  if (!isJsonObject(properties)) return mistake
  const isWrong = (name: string) =>
    name === '' ||
    name.startsWith('$') ||
    reservedProperties[kind].has(name) ||
    lengthOf(name, readings) > limits.propertyNameCharacters.max
  if (Object.keys(properties).some(isWrong)) return mistake
  const max = kind === 'events' ? limits.propertiesBytes.max : readings.purchasePropertiesBytes
  const nested = Object.values(properties).some(value => typeof value === 'object' && value !== null)
  return nested && Buffer.byteLength(JSON.stringify(properties)) > max ? mistake : undefined
}
