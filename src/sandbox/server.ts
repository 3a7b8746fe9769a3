import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { endpoints } from '../braze/endpoints.ts'
import { isFastExport } from './export-ids.ts'
import { ExportView } from './export-view.ts'
import { aboutAnotherUser, type Fault, type FaultKind, faultKinds, faultOf, faultResponse } from './faults.ts'
import { type RateLimitSettings, RequestLimiter } from './limiter.ts'
import { type Profile, Profiles } from './profile.ts'
import { type Latency, latencyOf } from './random.ts'
import { parseJson, respond } from './respond.ts'
import type { SandboxRules } from './rules.ts'
import { loadState, saveState } from './state.ts'

export interface SandboxOptions extends RateLimitSettings, SandboxRules {
  /** Default 0: any free port. The sandbox only listens on 127.0.0.1. */
  port?: number
  /** The latency of responses. Default 0. */
  latency?: Latency
  /** Requests to `/users/export/ids` in 60 s, or `off`. Default 250. */
  exportLimit?: number | 'off'
  /** 40 exports a second instead, of those that ask for neither campaigns nor canvases. Default false. */
  fastExports?: boolean
  /** How long until an export shows a write. Default 0. */
  settle?: Latency
  /** What goes wrong; affects `/users/track/sync` unless it says otherwise. */
  faults?: readonly Fault[]
  /** The seed of faults and latency. Default 1. */
  seed?: number
  /** A file that keeps the users: read at the start if it exists, written when the sandbox closes. */
  state?: string
  /** Called after each request was handled. */
  onCall?: (call: SandboxCall) => void
}

/** A request as the sandbox received it, without the key. */
export interface SandboxCall {
  at: number
  path: string
  body: string
  /** The status of the response; 0 if a fault suppressed it. */
  status: number
  fault?: FaultKind
}

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, for `BRAZE_API_URL`. */
  url: string
  /** The last 10,000 calls, in order of arrival. */
  calls: () => readonly SandboxCall[]
  /** All users. */
  profiles: () => Profile[]
  close: () => Promise<void>
}

/** A response before it is sent. */
interface HttpResponse {
  status: number
  headers: Record<string, string>
  body: string
}

const callsMax = 10_000
const bodyBytesMax = 8_000_000
const unanswered: readonly FaultKind[] = ['cut_before', 'cut_after', 'silent']

/** Starts an HTTP server that behaves as the real API is believed to. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { latency = 0, faults = [], seed = 1, state } = options
  const profiles = new Profiles()
  if (state !== undefined) profiles.save(await loadState(state))
  const users = { profiles, view: new ExportView() }
  users.view.add(profiles.all(), Number.NEGATIVE_INFINITY)
  const limiterOf = createLimiters(options)
  const calls: SandboxCall[] = []
  let requestCount = 0
  const callCounts = new Map<string, number>()
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    // Numbered on arrival, so that the fault of a call does not depend on how fast its body arrives.
    const number = ++requestCount
    const call = (callCounts.get(path) ?? 0) + 1
    callCounts.set(path, call)
    const fault = faultOf(faults, seed, call, path)
    const body = await readBody(request)
    const now = Date.now()
    const limit = limiterOf(path, body)?.take(now) ?? { allowed: true, headers: {} }
    const activeFault = limit.allowed ? fault : undefined
    const outgoing = limit.allowed
      ? execute({ request, path, body, now, number }, users, options, activeFault)
      : overLimit
    const status = activeFault !== undefined && unanswered.includes(activeFault.kind) ? 0 : outgoing.status
    const seen = {
      at: now,
      path,
      body,
      status,
      ...(activeFault === undefined ? {} : { fault: activeFault.kind }),
    }
    calls.push(seen)
    if (calls.length > callsMax) calls.shift()
    await sleep(latencyOf(latency, seed, number))
    options.onCall?.(seen)
    await send(response, { ...outgoing, headers: { ...limit.headers, ...outgoing.headers } }, activeFault)
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

/** A request with its body, when it came, and its number. */
interface Received {
  request: IncomingMessage
  path: string
  body: string
  now: number
  number: number
}

/** Handles a request, unless the fault prevents that. */
function execute(
  { request, path, body, now, number }: Received,
  { profiles, view }: { profiles: Profiles; view: ExportView },
  options: SandboxOptions,
  fault?: Fault,
): HttpResponse {
  if (fault !== undefined && !faultKinds[fault.kind].applies) return faultResponse(fault)
  const { settle = 0, seed = 1 } = options
  const headers = { authorization: request.headers.authorization }
  const visible = path === endpoints.exportIds.path ? view.profiles(now) : profiles
  const result = respond({ method: request.method ?? '', path, headers, body }, visible, now, options)
  if (result.written !== null) {
    profiles.save(result.written)
    view.add(result.written, now + latencyOf(settle, seed + 1, number))
  }
  const { status, body: plainBody } = result.response
  const shownBody = fault?.kind === 'wrong_identifier' ? aboutAnotherUser(plainBody) : plainBody
  return { status, headers: {}, body: JSON.stringify(shownBody) }
}

/** The limit of each endpoint. `/users/track` takes a thousand requests a second, which is not simulated. */
function createLimiters(options: SandboxOptions): (path: string, body: string) => RequestLimiter | undefined {
  const { exportLimit = endpoints.exportIds.rate.requests, fastExports = false } = options
  const { track, exportIds } = endpoints
  const sync = new RequestLimiter(options)
  const slow = new RequestLimiter({ ...options, limit: exportLimit }, exportIds.rate.windowMs)
  const { requests, windowMs } = exportIds.fastRate
  const fast = new RequestLimiter({ ...options, limit: requests }, windowMs)
  return (path, body) => {
    if (path === track.path) return undefined
    if (path !== exportIds.path) return sync
    return fastExports && exportLimit !== 'off' && isFastExport(parseJson(body)) ? fast : slow
  }
}

const overLimit: HttpResponse = {
  status: 429,
  headers: {},
  body: JSON.stringify({ message: 'Too Many Requests' }),
}

/** Sends the response, or what the fault leaves of it. */
async function send(
  response: ServerResponse,
  { status, headers, body }: HttpResponse,
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

/** Does not keep the process alive: the open server does that. */
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
    // Far over the limit the rest is discarded; what is kept is still too large to be accepted.
    if (bytes <= bodyBytesMax) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
