import { isKind, type Kind } from '../model/fields.ts'
import { isIdentifier } from '../model/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/** What an event and a purchase cannot be without is how they are told from attributes. */
export function kindOfFields(names: readonly string[]): Kind {
  if (names.includes('product_id') && names.some(name => name === 'price' || name === 'currency'))
    return 'purchases'
  return names.includes('name') && names.includes('time') ? 'events' : 'attributes'
}

/** Whether an object is a whole `/users/track` body rather than one object: it names kinds and no user. */
export function isTrackBody(value: JsonObject): boolean {
  const names = Object.keys(value)
  return !names.some(isIdentifier) && names.some(name => isKind(name) && holdsObjects(value[name]))
}

/** The objects of a `/users/track` body, in the order in which they stand in it. */
export function splitTrackBody(
  body: JsonObject,
): ({ kind: Kind; object: JsonObject } | { problem: Problem })[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (!isKind(name)) return ignoredKeys.has(name) ? [] : [{ problem: notAnObject(name, value) }]
    const objects = Array.isArray(value) ? value : [value]
    return objects.map(object =>
      isJsonObject(object) ? { kind: name, object } : { problem: notAnObject(name, object) },
    )
  })
}

/** Keys of old request bodies that carry credentials or steer the batch; they are never sent. */
const ignoredKeys = new Set(['api_key', 'app_group_id'])

function holdsObjects(value: Json | undefined): boolean {
  return isJsonObject(value) || (Array.isArray(value) && value.every(isJsonObject))
}

function notAnObject(name: string, value: Json): Problem {
  const message = `\`${name}\` of a /users/track body should hold objects; it holds ${sample(value)}.`
  return problem('json_shape', message, {
    field: name,
    expected: 'attributes, events or purchases',
    came: sample(value),
  })
}
