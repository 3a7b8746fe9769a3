import { endpoints } from '../braze/endpoints.ts'
import { identifierNames } from '../braze/identifiers.ts'
import { isJsonObject, type JsonObject, textOf } from '../model/json.ts'
import { draw } from './random.ts'

/** What can go wrong. Only some faults apply the write. */
export const faultKinds = {
  refuse: { applies: false, means: 'a status instead of the response; 503 unless another is given' },
  html: { applies: false, means: 'the page of a gateway, 502 unless another status is given' },
  cut_before: { applies: false, means: 'the connection is cut before the write' },
  cut_after: { applies: true, means: 'the connection is cut after the write' },
  silent: { applies: false, means: 'no response; the connection stays open' },
  slow_body: { applies: true, means: 'half of the body comes, the rest 1 s (or `ms`) later' },
  truncated: { applies: true, means: 'half of the body comes, then the connection is cut' },
  wrong_identifier: { applies: true, means: 'the response names another user' },
} as const

export type FaultKind = keyof typeof faultKinds

export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(faultKinds, text)
}

/** The endpoints that a fault can affect, by the word that stands for each. */
export const faultEndpoints = {
  sync: endpoints.trackSync,
  track: endpoints.track,
  export: endpoints.exportIds,
} as const

export type FaultEndpoint = keyof typeof faultEndpoints

export function isFaultEndpoint(text: string): text is FaultEndpoint {
  return Object.hasOwn(faultEndpoints, text)
}

/** A fault and the calls it affects: all of its endpoint if neither `share` nor `calls` is set. */
export interface Fault {
  kind: FaultKind
  /** The endpoint. Default: `sync`. */
  on?: FaultEndpoint
  /** The fraction of calls, 0 to 1, drawn from the seeded generator. */
  share?: number
  /** The numbers of the calls, counted from 1. */
  calls?: readonly number[]
  /** For `refuse` and `html`. */
  status?: number
  /** For `slow_body`, and the wait that a 429 asks for. */
  ms?: number
}

/** The first fault in the list that affects this call of an endpoint; calls are counted for each endpoint. */
export function faultOf(
  faults: readonly Fault[],
  seed: number,
  call: number,
  path: string = endpoints.trackSync.path,
): Fault | undefined {
  return faults.find(({ share, calls, on = 'sync' }, i) => {
    if (faultEndpoints[on].path !== path) return false
    if (calls?.includes(call) === true) return true
    if (share === undefined) return calls === undefined
    return draw(seed, call * faults.length + i) < share
  })
}

/** The response of `refuse` and `html`. */
export function faultResponse({ kind, status, ms = 1000 }: Fault): {
  status: number
  headers: Record<string, string>
  body: string
} {
  if (kind === 'html') {
    const code = status ?? 502
    const title = `${code} ${messages[code] ?? 'Error'}`
    const body = `<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>\n`
    return { status: code, headers: { 'content-type': 'text/html' }, body }
  }
  const code = status ?? 503
  const wait = code === 429 ? { 'x-ratelimit-retry-after': String(Math.ceil(ms / 1000)) } : {}
  return { status: code, headers: wait, body: JSON.stringify({ message: messages[code] ?? 'Error' }) }
}

const messages: Record<number, string> = {
  202: 'queued',
  400: 'Bad Request',
  401: 'Invalid API Key',
  403: 'Access Denied',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** The same response about another user. */
export function aboutAnotherUser(body: JsonObject): JsonObject {
  const users = Array.isArray(body['users']) ? body['users'] : []
  return { ...body, users: users.map(user => (isJsonObject(user) ? renameUser(user) : user)) }
}

function renameUser(user: JsonObject): JsonObject {
  const entries = Object.entries(user).map(([name, value]) => {
    if (!identifierNames.some(known => known === name)) return [name, value]
    if (!isJsonObject(value)) return [name, `other-${textOf(value)}`]
    return [name, { ...value, alias_name: `other-${textOf(value['alias_name'])}` }]
  })
  return Object.fromEntries(entries) as JsonObject
}
