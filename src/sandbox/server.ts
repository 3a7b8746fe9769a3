import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from './answer.ts'
import { type Profile, Profiles } from './profile.ts'
import { RateLimit, type RateLimitSettings } from './rate-limit.ts'

export interface SandboxOptions extends RateLimitSettings {
  /** Default 0: any free port. The sandbox listens on 127.0.0.1 only. */
  port?: number
  /** The only key that is good. Default: any. */
  key?: string
  /** How long an answer takes, in milliseconds. Default 0. */
  latencyMs?: number
  /** Called once a request was answered. */
  onCall?: (call: SandboxCall) => void
}

/** One request as the sandbox saw it; the key is not kept. */
export interface SandboxCall {
  at: number
  path: string
  body: string
  status: number
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

const callsKept = 10_000
const bodyBytesMax = 8_000_000

/** Starts the endpoint on this machine: the same bodies, answers and limits as the real one is believed to have. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const profiles = new Profiles()
  const rateLimit = new RateLimit(options)
  const calls: SandboxCall[] = []
  const server = createServer((request, response) => {
    handle(request).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(body)
      },
      () => response.destroy(),
    )
  })

  async function handle(request: IncomingMessage) {
    const body = await readBody(request)
    const now = Date.now()
    const path = (request.url ?? '').split('?')[0] ?? ''
    const { allowed, headers } = rateLimit.take(now)
    const asked = {
      method: request.method ?? '',
      path,
      headers: { authorization: request.headers.authorization },
      body,
    }
    const result = allowed
      ? answer(asked, profiles, now, options.key ?? null)
      : { answer: { status: 429, body: { message: 'Too Many Requests' } }, written: null }
    if (result.written !== null) profiles.save(result.written)
    const call = { at: now, path, body, status: result.answer.status }
    calls.push(call)
    if (calls.length > callsKept) calls.shift()
    if (options.latencyMs !== undefined) await new Promise(resolve => setTimeout(resolve, options.latencyMs))
    options.onCall?.(call)
    return { status: result.answer.status, headers, body: JSON.stringify(result.answer.body) }
  }

  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    profiles: () => profiles.all(),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
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
