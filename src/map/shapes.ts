import { isIdentifier } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { isKind, type Kind } from '../model/kind.ts'
import type { Shape } from '../model/plan.ts'
import { columnsFor } from './columns.ts'
import { isExportAnswer, isExportedUser } from './exported.ts'
import { isIngestion } from './ingestion.ts'
import type { MapSettings } from './mapping.ts'

/** What a JSON record holds, told by the names in it. */
export function shapeOf(value: JsonObject): Shape {
  const names = Object.keys(value)
  if (isIngestion(names)) return 'ingestion'
  if (isExportAnswer(value) || isExportedUser(value)) return 'exported'
  return isTrackBody(value) ? 'track_body' : 'object'
}

/** What an event and a purchase cannot be without is how they are told from attributes. */
export function kindOfFields(names: readonly string[]): Kind {
  if (names.includes('product_id') && names.some(name => name === 'price' || name === 'currency'))
    return 'purchases'
  return names.includes('name') && names.includes('time') ? 'events' : 'attributes'
}

/** The names of the fields that columns lead to, for telling the kind. */
export function fieldNames(names: readonly string[], settings: MapSettings): string[] {
  return names.flatMap(name => columnsFor(name, null, settings).map(({ path }) => path[0] ?? ''))
}

/** A whole `/users/track` body rather than one object: it names kinds and no user. */
function isTrackBody(value: JsonObject): boolean {
  const names = Object.keys(value)
  return !names.some(isIdentifier) && names.some(name => isKind(name) && holdsObjects(value[name]))
}

function holdsObjects(value: Json | undefined): boolean {
  return isJsonObject(value) || (Array.isArray(value) && value.every(isJsonObject))
}
