import type { Readings } from '../braze/assumptions.ts'
import type { JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Profile } from './profile.ts'

export interface SandboxRequest {
  method: string
  path: string
  /** Names are in lower case. */
  headers: Record<string, string | undefined>
  body: string
}

export interface SandboxResponse {
  status: number
  body: JsonObject
}

/** The response, and the changed profiles (null if there are none). */
export interface Reply {
  response: SandboxResponse
  written: Profile[] | null
}

/** What is wrong with a request or an object: the sentence observed in responses, and the documented code. */
export interface RequestError {
  sentence: string
  code?: string
  kind?: Kind
  index?: number
}

export const noValidData = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

export function errorReply(status: number, message: string): Reply {
  return { response: { status, body: { message } }, written: null }
}

/** A fatal error, with the `errors` that `/users/track` is known to send. Source: contract §6.4. */
export function badRequest(error: RequestError, readings: Readings): Reply {
  const item = errorItem(error, readings)
  return { response: { status: 400, body: { message: item['type'] ?? '', errors: [item] } }, written: null }
}

/** An item of `errors`. */
export function errorItem(
  { sentence, code, kind, index = 0 }: RequestError,
  { errorText }: Readings,
): JsonObject {
  const type = errorText === 'code' ? (code ?? sentence) : sentence
  return { type, ...(kind === undefined ? {} : { input_array: kind, index }) }
}
