import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from './answer.ts'
import { aboutAnother, type Fault, type FaultKind, faultKinds, faultOf, refusalOf } from './faults.ts'
import { RateLimit, type RateLimitSettings } from './limiter.ts'
import { type Profile, Profiles } from './profile.ts'
import { type Latency, latencyOf } from './random.ts'
import type { SandboxRules } from './rules.ts'
import { loadState, saveState } from './state.ts'

export interface SandboxOptions extends RateLimitSettings, SandboxRules {
  /** Default 0: any free port. The sandbox listens on 127.0.0.1 only. */
  port?: number
  /** How long an answer takes, in milliseconds. Default 0. */
  latency?: Latency
  /** What goes wrong; `/users/track/sync` alone is struck. */
  faults?: readonly Fault[]
  /** The randomness of faults and latency. Default 1. */
  seed?: number
  /** A file that keeps the users: read at the start if it is there, written when the sandbox closes. */
  state?: string
  /** Called once a request was answered, or struck by a fault. */
  onCall?: (call: SandboxCall) => void
}

/** One request as the sandbox saw it; the key is not kept. */
export interface SandboxCall {
  at: number
  path: string
  body: string
  /** The status of the answer; 0 where a fault left none. */
  status: number
  fault?: FaultKind
}

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, for `BRAZE_API_URL`. */
  url: string
  /** The calls so far, in the order in which they came; the last 10,000 are kept. */
  calls: () => readonly SandboxCall[]
  /** The users it holds. */
  profiles: () => Profile[]
  close: () => Promise<void>
}

/** What is to be sent. */
interface Outgoing {
  status: number
  headers: Record<string, string>
  body: string
}

const callsKept = 10_000
const bodyBytesMax = 8_000_000
const syncPath = '/users/track/sync'
/** The neighbours have limits of their own, far above; they are not counted. */
const uncounted = ['/users/track', '/users/export/ids']
const mute: readonly FaultKind[] = ['cut_before', 'cut_after', 'silent']

/** Starts the endpoint on this machine: the same bodies, answers and limits as the real one is believed to have. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { latency = 0, faults = [], seed = 1, state } = options
  const profiles = new Profiles()
  if (state !== undefined) profiles.save(await loadState(state))
  const rateLimit = new RateLimit(options)
  const calls: SandboxCall[] = []
  let arrived = 0
  let synced = 0
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    // Numbers are given on arrival: what a call meets does not depend on how fast its body comes.
    const place = ++arrived
    const fault = path === syncPath ? faultOf(faults, seed, ++synced) : undefined
    const body = await readBody(request)
    const now = Date.now()
    const limit = uncounted.includes(path) ? { allowed: true, headers: {} } : rateLimit.take(now)
    const struck = limit.allowed ? fault : undefined
    const outgoing = limit.allowed ? act(request, path, body, now, struck) : overLimit
    const status = struck !== undefined && mute.includes(struck.kind) ? 0 : outgoing.status
    const call = { at: now, path, body, status, ...(struck === undefined ? {} : { fault: struck.kind }) }
    calls.push(call)
    if (calls.length > callsKept) calls.shift()
    await sleep(latencyOf(latency, seed, place))
    options.onCall?.(call)
    await send(response, { ...outgoing, headers: { ...limit.headers, ...outgoing.headers } }, struck)
  }

  /** Does what the request asks, unless the fault keeps it from being done. */
  function act(request: IncomingMessage, path: string, body: string, now: number, fault?: Fault): Outgoing {
    if (fault !== undefined && !faultKinds[fault.kind].applies) return refusalOf(fault)
    const headers = { authorization: request.headers.authorization }
    const result = answer({ method: request.method ?? '', path, headers, body }, profiles, now, options)
    if (result.written !== null) profiles.save(result.written)
    const { status, body: said } = result.answer
    const shown = fault?.kind === 'wrong_identifier' ? aboutAnother(said) : said
    return { status, headers: {}, body: JSON.stringify(shown) }
  }

  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    profiles: () => profiles.all(),
    close: async () => {
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      if (state !== undefined) await saveState(state, profiles.all())
    },
  }
}

const overLimit: Outgoing = {
  status: 429,
  headers: {},
  body: JSON.stringify({ message: 'Too Many Requests' }),
}

/** Sends the answer, or what the fault leaves of it. */
async function send(
  response: ServerResponse,
  { status, headers, body }: Outgoing,
  fault?: Fault,
): Promise<void> {
  const kind = fault?.kind
  if (kind === 'silent') return
  if (kind === 'cut_before' || kind === 'cut_after') {
    response.destroy()
    return
  }
  const bytes = Buffer.from(body)
  const length = { 'content-length': String(bytes.length) }
  response.writeHead(status, { 'content-type': 'application/json', ...headers, ...length })
  if (kind !== 'slow_body' && kind !== 'truncated') {
    response.end(bytes)
    return
  }
  const half = Math.floor(bytes.length / 2)
  await new Promise<void>(resolve => {
    response.write(bytes.subarray(0, half), () => resolve())
  })
  if (kind === 'truncated') {
    response.destroy()
    return
  }
  await sleep(fault?.ms ?? 1000)
  response.end(bytes.subarray(half))
}

/** A wait that keeps no process alive: the open server does that. */
async function sleep(ms: number): Promise<void> {
  if (ms > 0) await new Promise(resolve => setTimeout(resolve, ms).unref())
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Far over the limit nothing more is kept; what is kept is still too large to be accepted.
    if (bytes <= bodyBytesMax) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
