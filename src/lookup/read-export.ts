import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { idOf } from './person.ts'

/** What a response shows. */
export interface Export {
  users: JsonObject[]
  /** The external ids that lead to no profile; null where the response has no such list. */
  invalid: ReadonlySet<string> | null
}

/** The profiles in a response; undefined if it is not one of the API. */
export function readExport(body: string): Export | undefined {
  const response = parse(body)
  if (!isJsonObject(response)) return undefined
  const { users = null, message, invalid_user_ids: invalid } = response
  if (users === null ? message !== 'success' : typeof users !== 'object') return undefined
  const list = Array.isArray(users) ? users : [users]
  return {
    users: list.filter(isJsonObject),
    invalid: Array.isArray(invalid) ? new Set(invalid.flatMap(id => idOf(id) ?? [])) : null,
  }
}

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}
