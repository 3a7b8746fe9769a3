import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { isKind, type Kind } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'

/** One object of a record that holds several, or the reason why there is none. */
export type RecordPart = { kind: Kind; object: JsonObject; leftOut?: Problem[] } | { problem: Problem }

/** The objects in a `/users/track` body, in order. */
export function splitTrackBody(body: JsonObject): RecordPart[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (!isKind(name)) return ignoredKeys.has(name) ? [] : [{ problem: notAnObject(name, value) }]
    const objects = Array.isArray(value) ? value : [value]
    return objects.map(object =>
      isJsonObject(object) ? { kind: name, object } : { problem: notAnObject(name, object) },
    )
  })
}

/** Keys of old request bodies with credentials or batch options; they are never sent. */
const ignoredKeys = new Set(['api_key', 'app_group_id'])

function notAnObject(name: string, value: Json): Problem {
  const message = `\`${name}\` of a /users/track body should contain objects; it contains ${sample(value)}.`
  return problem('json_shape', message, {
    field: name,
    expected: 'attributes, events or purchases',
    came: sample(value),
  })
}
