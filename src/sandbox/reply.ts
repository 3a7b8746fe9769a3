import type { Readings } from '../braze/assumptions.ts'
import type { JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Profile } from './profile.ts'

export interface SandboxRequest {
  method: string
  path: string
  /** Names in lower case. */
  headers: Record<string, string | undefined>
  body: string
}

export interface SandboxAnswer {
  status: number
  body: JsonObject
}

/** What is answered, and the profiles as they are afterwards (null where nothing was written). */
export interface Reply {
  answer: SandboxAnswer
  written: Profile[] | null
}

/** What is wrong with a request or an object: the sentence seen on the wire, and the code that is listed for it. */
export interface Mistake {
  sentence: string
  code?: string
  kind?: Kind
  index?: number
}

export const nothingValid =
  "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

export function refuse(status: number, message: string): Reply {
  return { answer: { status, body: { message } }, written: null }
}

/** The shape of a fatal error, with the list that `/users/track` is seen to send. Source: contract §6.4. */
export function refuseObject(mistake: Mistake, readings: Readings): Reply {
  const item = errorItem(mistake, readings)
  return { answer: { status: 400, body: { message: item['type'] ?? '', errors: [item] } }, written: null }
}

/** One item of `errors`. */
export function errorItem({ sentence, code, kind, index = 0 }: Mistake, { errorText }: Readings): JsonObject {
  const type = errorText === 'code' ? (code ?? sentence) : sentence
  return { type, ...(kind === undefined ? {} : { input_array: kind, index }) }
}
