import { type Dispatcher, DecoratorHandler, errors, Pool } from 'undici'
import type { Answer, Lost, Post } from '../model/exchange.ts'
import { TrackSyncError } from '../model/problem.ts'

export interface PostOptions {
  /** Where the API lives; nothing else is ever contacted. */
  url: URL
  key: string
  /** Connections, which is also the most requests in flight. */
  connections: number
  /** How long an answer may take. The API answers within seconds; default 90 s. */
  timeoutMs?: number
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
      expected: 'https://rest.….braze.com, the REST host of your instance',
    })
  }
  if (url.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    const message = `${url.origin} is not https; the key would travel in the clear.`
    throw new TrackSyncError('host_insecure', message, { expected: 'https' })
  }
  if (key.trim() === '') {
    throw new TrackSyncError('key_missing', 'No API key was given.', { expected: 'a REST API key' })
  }
  if (!/^[!#-&(-~]+$/.test(key)) {
    const message =
      'The API key holds characters that no key has: a space, a line end, a quotation mark or the like.'
    throw new TrackSyncError('settings_invalid', message, {
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
  // Whether a byte may have left is known exactly by whether undici began to write this request; error codes do not tell.
  const marking = pool.compose(dispatch => (options, handler) => {
    const { opaque: mark } = options as { opaque?: Mark }
    return dispatch(options, mark === undefined ? handler : new MarkingHandler(handler, mark))
  })
  const path = `${url.pathname.replace(/\/$/, '')}${endpointPath}`

  const post: Post = async body => {
    const mark: Mark = { begun: false }
    let status: number | undefined
    let headers: Record<string, string> = {}
    try {
      const response = await marking.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body,
        opaque: mark,
      })
      status = response.statusCode
      headers = readHeaders(response.headers)
      const text = await response.body.text()
      // The API is known to repeat the key in its 401; it must not reach a log. Echoed values are data and stay.
      const told = status < 300 ? text : text.replaceAll(key, '[key]')
      return { answer: { status, headers, body: told, complete: true } }
    } catch (error) {
      if (status !== undefined)
        return { answer: { status, headers, body: '', complete: false } satisfies Answer }
      return { lost: { sent: mark.begun, reason: reasonOf(error) } satisfies Lost }
    }
  }
  return { post, close: () => pool.destroy() }
}

interface Mark {
  begun: boolean
}

/** The package's types leave out what its class does: it hands every step on to the handler it wraps. */
const Decorator = DecoratorHandler as unknown as new (
  handler: Dispatcher.DispatchHandler,
) => Dispatcher.DispatchHandler & { onRequestStart(...details: RequestStart): void }
type RequestStart = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestStart']>>

class MarkingHandler extends Decorator {
  readonly #mark: Mark

  constructor(handler: Dispatcher.DispatchHandler, mark: Mark) {
    super(handler)
    this.#mark = mark
  }

  override onRequestStart(...details: RequestStart): void {
    this.#mark.begun = true
    super.onRequestStart(...details)
  }
}

function readHeaders(raw: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? (value[0] ?? '') : value]],
    ),
  )
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.UndiciError) return error.code
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}
