import { userKeyOf } from '../braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'
import { isKind, type Kind, kinds } from '../model/kind.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { Row } from '../model/row.ts'
import type { TrackObject } from '../model/track-object.ts'
import { constantsOf } from './columns.ts'
import type { MapSettings } from './mapping.ts'

/** What one record became so far: a body, and the cells that did not fit. */
export interface Drafted {
  body: JsonObject
  problems: Problem[]
  leftOut: Problem[]
}

/** Begins the body of each object with what all objects of its kind have. */
export class Drafts {
  readonly #settings: MapSettings
  readonly #constants = new Map<Kind, ReturnType<typeof constantsOf>>()

  constructor(settings: MapSettings) {
    this.#settings = settings
  }

  start(kind: Kind): Drafted {
    const body: JsonObject = {}
    if (this.#settings.updateExistingOnly === true) body['_update_existing_only'] = true
    const constants = this.#constants.get(kind) ?? constantsOf(this.#settings, kind)
    this.#constants.set(kind, constants)
    for (const { path, value } of constants) {
      // A copy, because fields of this one record may be written into it.
      setPath(body, path, isJsonObject(value) ? structuredClone(value) : value)
    }
    return { body, problems: [], leftOut: [] }
  }
}

/** The kind that all records have, because the user says so. */
export function saidKind({ kind, mapping }: MapSettings): Kind | undefined {
  return kind ?? (isKind(mapping?.kind) ? mapping.kind : undefined)
}

/** The track object of a draft. The mapper numbers it. */
export function finished(row: Row, part: number, kind: Kind, draft: Drafted, raw = row.raw): TrackObject {
  const { file, row: number, line } = row
  const { body, problems, leftOut } = draft
  return { seq: 0, file, row: number, line, part, kind, user: userKeyOf(body), body, raw, problems, leftOut }
}

/** The track object of a record that could not become one. */
export function unreadable(row: Row, found: Problem, part = 0): TrackObject {
  const { file, row: number, line, raw } = row
  const nothing = { kind: null, user: '', body: {}, leftOut: [] }
  return { seq: 0, file, row: number, line, part, ...nothing, raw, problems: [found] }
}

export function wrongKind(column: string, came: Json): Problem {
  const message = `\`${column}\` should be ${kinds.join(', ')}; it is ${sample(came)}.`
  return problem('field_value', message, { field: column, expected: kinds.join(', '), came: sample(came) })
}

/** Sets a value at a path, making the objects on the way. */
export function setPath(body: JsonObject, path: string[], value: Json): void {
  const last = path.length - 1
  if (last === 0) return setKey(body, path[0] ?? '', value)
  let object = body
  for (let i = 0; i < last; i++) {
    const step = path[i] ?? ''
    const there = Object.hasOwn(object, step) ? object[step] : undefined
    const next = isJsonObject(there) ? there : {}
    if (next !== there) setKey(object, step, next)
    object = next
  }
  setKey(object, path[last] ?? '', value)
}
