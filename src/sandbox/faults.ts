import { identifierNames } from '../braze/identifiers.ts'
import { isJsonObject, type JsonObject, textOf } from '../model/json.ts'
import { draw } from './random.ts'

/** What can go wrong, and what it does. Only those that apply the write leave a change behind. */
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

/** A fault, and the calls of `/users/track/sync` that it strikes; every call where neither share nor calls are said. */
export interface Fault {
  kind: FaultKind
  /** 0 to 1, by the seeded randomness. */
  share?: number
  /** The numbers of the calls, from 1. */
  calls?: readonly number[]
  /** For `refuse` and `html`. */
  status?: number
  /** For `slow_body`, and what a 429 asks to wait for. */
  ms?: number
}

/** The fault that strikes a call: the first of the list that does. */
export function faultOf(faults: readonly Fault[], seed: number, call: number): Fault | undefined {
  return faults.find(({ share, calls }, i) => {
    if (calls?.includes(call) === true) return true
    if (share === undefined) return calls === undefined
    return draw(seed, call * faults.length + i) < share
  })
}

/** What `refuse` and `html` answer with. */
export function refusalOf({ kind, status, ms = 1000 }: Fault): {
  status: number
  headers: Record<string, string>
  body: string
} {
  if (kind === 'html') {
    const code = status ?? 502
    const said = `${code} ${messages[code] ?? 'Error'}`
    const body = `<html><head><title>${said}</title></head><body><center><h1>${said}</h1></center></body></html>\n`
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

/** The same answer about another user. */
export function aboutAnother(body: JsonObject): JsonObject {
  const users = Array.isArray(body['users']) ? body['users'] : []
  return { ...body, users: users.map(user => (isJsonObject(user) ? renamed(user) : user)) }
}

function renamed(user: JsonObject): JsonObject {
  const entries = Object.entries(user).map(([name, value]) => {
    if (!identifierNames.some(known => known === name)) return [name, value]
    if (!isJsonObject(value)) return [name, `other-${textOf(value)}`]
    return [name, { ...value, alias_name: `other-${textOf(value['alias_name'])}` }]
  })
  return Object.fromEntries(entries) as JsonObject
}
