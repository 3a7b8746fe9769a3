import { type Dispatcher, errors, Pool } from 'undici'
import type { Post } from '../model/exchange.ts'
import { TrackSyncError } from '../model/problem.ts'

export interface PostOptions {
  /** Where the API lives; nothing else is ever contacted. */
  url: URL
  key: string
  /** Connections, which is also the most requests in flight. */
  connections: number
  /** How long an answer may take. The API answers within seconds; default 90 s. */
  timeoutMs?: number
  /** The proxy that requests go through. Default: what the environment says. */
  proxy?: string
}

/** The path of the endpoint. Source: the seed page. */
export const endpointPath = '/users/track/sync'

/** The host as a URL, refused where it is none or where the key would travel in the clear. */
export function checkTarget(text: string, key: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    const message =
      text === '' ? 'No host was given to send to.' : `\`${text}\` is not the address of a host.`
    throw new TrackSyncError('host_missing', message, {
      field: 'url',
      came: text,
      expected: 'https://rest.….braze.com, the REST host of your instance',
    })
  }
  if (url.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    const message = `${url.origin} is not https; the key would travel in the clear.`
    throw new TrackSyncError('host_insecure', message, { field: 'url', expected: 'https', came: url.origin })
  }
  if (url.username !== '' || url.password !== '') {
    const message = `\`url\` should be a host alone; there is a user name or a password in it.`
    throw new TrackSyncError('settings_invalid', message, {
      field: 'url',
      expected: 'a host',
      came: url.origin,
    })
  }
  if (key.trim() === '') {
    const expected = 'a REST API key'
    throw new TrackSyncError('key_missing', 'No API key was given.', { field: 'key', expected })
  }
  if (!/^[!#-&(-~]+$/.test(key)) {
    const message =
      'The API key holds characters that no key has: a space, a line end, a quotation mark or the like.'
    throw new TrackSyncError('settings_invalid', message, {
      field: 'key',
      expected: 'the key alone, without quotation marks',
    })
  }
  return url
}

/** A post to the endpoint and a way to close its connections. The key goes into the request's header and nowhere else. */
export function createPost({ url, key, connections, timeoutMs = 90_000 }: PostOptions): {
  post: Post
  close: () => Promise<void>
} {
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: 10_000 },
    keepAliveTimeout: 4_000,
  })
  const path = `${url.pathname.replace(/\/$/, '')}${endpointPath}`
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }

  const post: Post = body =>
    new Promise(resolve => {
      pool.dispatch({ method: 'POST', path, headers, body }, new Call(key, resolve))
    })
  return { post, close: () => pool.destroy() }
}

type Result = Awaited<ReturnType<Post>>

/**
 * One request, told by undici as it goes. Whether a byte may have left is known exactly by whether undici began to write
 * it; error codes do not tell.
 */
class Call implements Dispatcher.DispatchHandler {
  readonly #key: string
  readonly #resolve: (result: Result) => void
  #begun = false
  #status: number | undefined
  #headers: Record<string, string> = {}
  readonly #body: Buffer[] = []

  constructor(key: string, resolve: (result: Result) => void) {
    this.#key = key
    this.#resolve = resolve
  }

  onRequestStart(): void {
    this.#begun = true
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    // What comes before the answer, such as 103, is none.
    if (status < 200) return
    this.#status = status
    this.#headers = single(headers)
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#body.push(chunk)
  }

  onResponseEnd(): void {
    const text = textOf(this.#body)
    const status = this.#status ?? 0
    // The API is known to repeat the key in its 401; it must not reach a log. Echoed values are data and stay.
    const body = status < 300 ? text : text.replaceAll(this.#key, '[key]')
    this.#resolve({ answer: { status, headers: this.#headers, body, complete: true } })
  }

  onResponseError(_: unknown, error: Error): void {
    const [status, headers] = [this.#status, this.#headers]
    if (status !== undefined) this.#resolve({ answer: { status, headers, body: '', complete: false } })
    else this.#resolve({ lost: { sent: this.#begun, reason: reasonOf(error) } })
  }
}

/** The bytes of an answer as text, without a byte order mark. */
function textOf(chunks: Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? ''
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** A header that comes several times counts as it came first. */
function single(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const [name, value] of Object.entries(headers))
    if (Array.isArray(value)) headers[name] = value[0] ?? ''
  return headers as Record<string, string>
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.UndiciError) return error.code
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}
