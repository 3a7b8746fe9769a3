import { limits } from '../braze/limits.ts'
import type { Json } from '../model/json.ts'
import { exportIds } from './export-ids.ts'
import type { Profiles } from './profile.ts'
import { refuse, type Reply, type SandboxRequest } from './reply.ts'
import { type Rules, rulesOf, type SandboxRules } from './rules.ts'
import { sync } from './track-sync.ts'
import { track } from './track.ts'

export type { Reply, SandboxAnswer, SandboxRequest } from './reply.ts'

/** A path: the parsed body and the profiles in, the answer and what was written out. */
type Endpoint = (body: Json | undefined, profiles: Profiles, now: number, rules: Rules) => Reply

const endpoints = new Map<string, Endpoint>([
  ['/users/track/sync', sync],
  ['/users/track', track],
  ['/users/export/ids', exportIds],
])

/**
 * The API as a function: what it answers, and the profiles as they are afterwards. It reads the profiles and changes
 * none. Without settings (null) everything is as in the tables.
 */
export function answer(
  request: SandboxRequest,
  profiles: Profiles,
  now: number,
  settings: SandboxRules | null,
): Reply {
  const rules = rulesOf(settings ?? {})
  const endpoint = endpoints.get(request.path)
  if (endpoint === undefined || request.method !== 'POST') return refuse(404, 'Not Found')
  if (!isAuthorized(request.headers['authorization'], rules.key)) return refuse(401, 'Invalid API Key')
  if (Buffer.byteLength(request.body) > limits.requestBytes.max)
    return refuse(413, 'Request Entity Too Large')
  return endpoint(parse(request.body), profiles, now, rules)
}

/** With no key set, any is good, so long as there is one and it is not in quotation marks. */
function isAuthorized(header: string | undefined, key: string | null): boolean {
  const given = /^Bearer (\S+)$/.exec(header ?? '')?.[1]
  return given !== undefined && !/^["']/.test(given) && (key === null || given === key)
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
