import { Pool } from 'undici'
import { type Endpoint, endpoints } from '../braze/endpoints.ts'
import type { Post } from '../model/exchange.ts'
import { redactor } from '../model/secret.ts'
import { Call } from './call.ts'
import { proxyFor } from './host.ts'
import { dispatcherFor } from './through-proxy.ts'

export interface PostOptions {
  /** Where the API lives; nothing else is ever contacted. */
  url: URL
  key: string
  /** Default: `/users/track/sync`. */
  endpoint?: Endpoint
  /** Connections, which is also the most requests in flight. */
  connections: number
  /** How long a request may take, connection and answer included. The API answers within seconds; default 90 s. */
  timeoutMs?: number
  /** The proxy to go through, `http://NAME:PASSWORD@HOST:PORT`; default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
  proxy?: string
}

/**
 * Headers of an answer may have as many bytes as this, those that come before it included; Node takes no more by default,
 * and real ones have one or two thousand.
 */
const headerBytesMax = 16 * 1024
/** A connection, encryption agreed, comes about within this; the deadline of the request counts on meanwhile. */
const connectTimeoutMs = 10_000

/** A post to the endpoint and a way to close its connections. The key goes into the request's header and nowhere else. */
export function createPost({
  url,
  key,
  endpoint = endpoints.trackSync,
  connections,
  timeoutMs = 90_000,
  proxy: said,
}: PostOptions): {
  post: Post
  close: () => Promise<void>
} {
  const options = {
    connections,
    pipelining: 1,
    maxHeaderSize: headerBytesMax,
    // Each request has its own deadline. These would restart with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: 4_000,
  }
  const proxy = proxyFor(url, said)
  const dispatcher = proxy === undefined ? new Pool(url.origin, options) : dispatcherFor(proxy, options)
  const redact = redactor([key, ...(proxy?.secrets ?? [])])
  const { origin } = url
  const path = `${url.pathname.replace(/\/$/, '')}${endpoint.path}`
  const headers = {
    'content-type': 'application/json',
    // An uncompressed response cannot be compressed wrongly, or expand to anything huge.
    'accept-encoding': 'identity',
    authorization: `Bearer ${key}`,
  }

  const post: Post = body =>
    new Promise(resolve => {
      const call = new Call({ timeoutMs, redact }, resolve)
      dispatcher.dispatch({ origin, method: 'POST', path, headers, body }, call)
    })
  return { post, close: () => dispatcher.destroy() }
}
