import { isIdentifier } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { isKind, type Kind } from '../model/kind.ts'
import type { Shape } from '../model/plan.ts'
import { columnsFor } from './columns.ts'
import { isIngestionRow } from './ingestion.ts'
import type { MapSettings } from './mapping.ts'
import { isExportedUser, isExportResponse } from './user-export.ts'

/** Detects the shape of a JSON record from its names. */
export function shapeOf(value: JsonObject): Shape {
  const names = Object.keys(value)
  if (isIngestionRow(names)) return 'ingestion'
  if (isExportResponse(value) || isExportedUser(value)) return 'exported'
  return isTrackBody(value) ? 'track_body' : 'object'
}

/** Events and purchases are recognised by their required fields. */
export function guessKind(names: readonly string[]): Kind {
  if (names.includes('product_id') && names.some(name => name === 'price' || name === 'currency'))
    return 'purchases'
  return names.includes('name') && names.includes('time') ? 'events' : 'attributes'
}

/** The fields that columns fill, for guessing the kind. */
export function fieldNames(names: readonly string[], settings: MapSettings): string[] {
  return names.flatMap(name => columnsFor(name, null, settings).map(({ path }) => path[0] ?? ''))
}

/** Whether this is a whole `/users/track` body: it has kinds and no user. */
function isTrackBody(value: JsonObject): boolean {
  const names = Object.keys(value)
  return !names.some(isIdentifier) && names.some(name => isKind(name) && containsObjects(value[name]))
}

function containsObjects(value: Json | undefined): boolean {
  return isJsonObject(value) || (Array.isArray(value) && value.every(isJsonObject))
}
