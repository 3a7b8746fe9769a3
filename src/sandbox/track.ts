import { limits } from '../braze/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { type Kind, kinds } from '../model/kind.ts'
import { Draft, type Profiles } from './profile.ts'
import { mistakeOf } from './refuse.ts'
import { errorItem, type Mistake, nothingValid, refuseObject, type Reply } from './reply.ts'
import type { Rules } from './rules.ts'
import { write } from './write.ts'

/**
 * `POST /users/track`: many objects of any kind; those that are refused are named in `errors`, the others are written.
 * The real one answers before it has written; here it is done at once.
 */
export function track(request: Json | undefined, profiles: Profiles, now: number, rules: Rules): Reply {
  if (!isJsonObject(request)) return refuseObject({ sentence: 'Invalid JSON' }, rules.readings)
  const lists = kinds.flatMap(kind =>
    Object.hasOwn(request, kind) ? [{ kind, list: listOf(request[kind]) }] : [],
  )
  const total = lists.reduce((sum, { list }) => sum + list.length, 0)
  if (total > limits.trackBatch.max) {
    return refuseObject({ sentence: 'Max Input Length Exceeded' }, rules.readings)
  }
  const draft = new Draft(profiles)
  const mistakes: Mistake[] = []
  const processed: JsonObject = {}
  // Attributes, then events, then purchases: the order of the table `kinds`.
  for (const { kind, list } of lists) {
    const wrong = list.flatMap((object, index) => {
      const mistake = writeOne(draft, kind, object, now, rules)
      return mistake === undefined ? [] : [{ ...mistake, kind, index }]
    })
    mistakes.push(...wrong)
    processed[`${kind}_processed`] = list.length - wrong.length
  }
  const errors = mistakes.map(mistake => errorItem(mistake, rules.readings))
  if (errors.length === total) {
    return { answer: { status: 400, body: { message: nothingValid, errors } }, written: null }
  }
  const body = { message: 'success', ...processed, ...(errors.length === 0 ? {} : { errors }) }
  return { answer: { status: 201, body }, written: draft.written() }
}

function writeOne(draft: Draft, kind: Kind, object: Json, now: number, rules: Rules): Mistake | undefined {
  if (!isJsonObject(object)) return { sentence: nothingValid }
  const mistake = mistakeOf(kind, object, rules.readings)
  if (mistake === undefined) write(draft, kind, object, now, rules)
  return mistake
}

function listOf(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}
