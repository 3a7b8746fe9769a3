import { endpoints } from '../braze/endpoints.ts'
import { limits } from '../braze/limits.ts'
import type { Json } from '../model/json.ts'
import { exportIds } from './export-ids.ts'
import type { Profiles } from './profile.ts'
import { errorReply, type Reply, type SandboxRequest } from './reply.ts'
import { type Rules, rulesOf, type SandboxRules } from './rules.ts'
import { sync } from './track-sync.ts'
import { track } from './track.ts'

export type { Reply, SandboxResponse, SandboxRequest } from './reply.ts'

/** An endpoint maps a parsed body and the profiles to a response and the profiles to save. */
type Handler = (body: Json | undefined, profiles: Profiles, now: number, rules: Rules) => Reply

const handlers = new Map<string, Handler>([
  [endpoints.trackSync.path, sync],
  [endpoints.track.path, track],
  [endpoints.exportIds.path, exportIds],
])

/**
 * The API as a pure function: it returns the response and the changed profiles, and leaves the passed ones as they are.
 * Without settings (null) all defaults apply.
 */
export function respond(
  request: SandboxRequest,
  profiles: Profiles,
  now: number,
  options: SandboxRules | null,
): Reply {
  const rules = rulesOf(options ?? {})
  const handle = handlers.get(request.path)
  if (handle === undefined || request.method !== 'POST') return errorReply(404, 'Not Found')
  if (!isAuthorized(request.headers['authorization'], rules.key)) return errorReply(401, 'Invalid API Key')
  if (Buffer.byteLength(request.body) > limits.requestBytes.max)
    return errorReply(413, 'Request Entity Too Large')
  return handle(parseJson(request.body), profiles, now, rules)
}

/** If no key is configured, any non-empty key without quotes is valid. */
function isAuthorized(header: string | undefined, requiredKey: string | null): boolean {
  const key = /^Bearer (\S+)$/.exec(header ?? '')?.[1]
  return key !== undefined && !/^["']/.test(key) && (requiredKey === null || key === requiredKey)
}

/** The body of a request; undefined if it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
