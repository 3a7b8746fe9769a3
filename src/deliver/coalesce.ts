import type { Readings } from '../braze/assumptions.ts'
import { brokenLimit } from '../braze/broken-limits.ts'
import { fieldOf } from '../braze/fields.ts'
import { isIdentifier } from '../braze/identifiers.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type Json, type JsonObject, sameJson, setKey } from '../model/json.ts'
import type { TrackObject } from '../model/track-object.ts'

/** Whether the next object of a lane may leave in one request with those before it. */
export type JoinPolicy = (before: TrackObject[], next: TrackObject) => boolean

/** The policy of `--coalesce`: rows of a user join where the profile is then as if they had left one by one. */
export function coalescing(readings: Readings): JoinPolicy {
  return (before, next) => mayJoin(before, next, readings)
}

/** Rows in one request at most, and what their original records may take: a request stays far below what the API takes. */
const rowsMax = 100
const bytesMax = 256 * 1024

/**
 * Whether the next row of a user may leave in the request of those before it: whether the profile is then as if they had
 * gone one after the other. Only attributes can, and only where the later value simply replaces the earlier one.
 */
export function mayJoin(before: TrackObject[], next: TrackObject, readings: Readings): boolean {
  const [first] = before
  if (first === undefined || before.length >= rowsMax) return false
  const bytes = [...before, next].reduce((sum, { raw }) => sum + raw.length, 0)
  if (bytes > bytesMax || next.user !== first.user) return false
  if (before.length === 1 && !isPlain(first, readings)) return false
  if (!isPlain(next, readings) || !sameControls(first.body, next.body)) return false
  return before.every(({ body }) =>
    Object.keys(next.body).every(name => !Object.hasOwn(body, name) || replaces(name, body, next.body)),
  )
}

/** The rows as one object: of each field, the last value. */
export function coalesced(objects: TrackObject[]): TrackObject {
  const [first, ...others] = objects
  if (first === undefined) throw new TypeError('There is nothing to send.')
  if (others.length === 0) return first
  const body: JsonObject = {}
  for (const object of objects)
    for (const [name, value] of Object.entries(object.body)) setKey(body, name, value)
  return { ...first, body }
}

/** A value that breaks a limit may be dropped, and one kind of it takes others of the request along: such a row goes alone. */
function isPlain({ kind, body }: TrackObject, readings: Readings): boolean {
  if (kind !== 'attributes') return false
  return Object.entries(body).every(
    ([name, value]) => isIdentifier(name) || brokenLimit(name, value, readings) === undefined,
  )
}

function sameControls(a: JsonObject, b: JsonObject): boolean {
  const controls = new Set([...Object.keys(a), ...Object.keys(b)].filter(isControl))
  return [...controls].every(name => sameJson(a[name], b[name]))
}

function isControl(name: string): boolean {
  return fieldOf('attributes', name)?.control === true
}

/** Whether the value that comes later is all that is left of both. */
function replaces(name: string, earlier: JsonObject, later: JsonObject): boolean {
  const values = [earlier[name] ?? null, later[name] ?? null]
  if (isIdentifier(name) || isControl(name)) return true
  if (values.some(value => operationOf(value) !== undefined)) return false
  if (later['_merge_objects'] === true && values.some(isJsonObject)) return false
  const field = fieldOf('attributes', name)
  // Lists of groups and tokens add to the profile; a value that a field does not take leaves the earlier one.
  if (field?.type === 'array') return false
  return field?.accepts === undefined || isTaken(later[name] ?? null, field.accepts.test)
}

function isTaken(value: Json, test: (value: Json) => boolean): boolean {
  return value === null || test(value)
}
