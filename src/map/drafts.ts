import { userKeyOf } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import { isKind, type Kind, kinds } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { Row } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { constantsOf } from './columns.ts'
import type { MapSettings } from './mapping.ts'

/** A track object in the making: its body so far, and cells that did not fit. */
export interface Draft {
  body: JsonObject
  problems: Problem[]
  leftOut: Problem[]
}

/** Creates drafts that start with the constants of their kind. */
export class DraftFactory {
  readonly #settings: MapSettings
  readonly #constants = new Map<Kind, ReturnType<typeof constantsOf>>()

  constructor(settings: MapSettings) {
    this.#settings = settings
  }

  create(kind: Kind): Draft {
    const body: JsonObject = {}
    if (this.#settings.updateExistingOnly === true) body['_update_existing_only'] = true
    const constants = this.#constants.get(kind) ?? constantsOf(this.#settings, kind)
    this.#constants.set(kind, constants)
    for (const { path, value } of constants) {
      // Copied, because fields of this record may be written into it.
      setPath(body, path, isJsonObject(value) ? structuredClone(value) : value)
    }
    return { body, problems: [], leftOut: [] }
  }
}

/** The kind of all records, if flags or the mapping set it. */
export function configuredKind({ kind, mapping }: MapSettings): Kind | undefined {
  return kind ?? (isKind(mapping?.kind) ? mapping.kind : undefined)
}

/** Completes a draft. The mapper sets `seq`. */
export function toTrackObject(row: Row, part: number, kind: Kind, draft: Draft, raw = row.raw): TrackObject {
  const { file, row: number, line } = row
  const { body, problems, leftOut } = draft
  return { seq: 0, file, row: number, line, part, kind, user: userKeyOf(body), body, raw, problems, leftOut }
}

/** A track object for a record that could not be mapped. */
export function invalidObject(row: Row, reason: Problem, part = 0): TrackObject {
  const { file, row: number, line, raw } = row
  const empty = { kind: null, user: '', body: {}, leftOut: [] }
  return { seq: 0, file, row: number, line, part, ...empty, raw, problems: [reason] }
}

export function unknownKind(column: string, value: Json): Problem {
  const message = `\`${column}\` should be ${kinds.join(', ')}; it is ${sample(value)}.`
  return problem('field_value', message, { field: column, expected: kinds.join(', '), came: sample(value) })
}

/** Sets the value at a path, creating objects along the way. */
export function setPath(body: JsonObject, path: string[], value: Json): void {
  const last = path.length - 1
  if (last === 0) return setKey(body, path[0] ?? '', value)
  let object = body
  for (let i = 0; i < last; i++) {
    const step = path[i] ?? ''
    const existing = Object.hasOwn(object, step) ? object[step] : undefined
    const next = isJsonObject(existing) ? existing : {}
    if (next !== existing) setKey(object, step, next)
    object = next
  }
  setKey(object, path[last] ?? '', value)
}
