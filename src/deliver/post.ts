import { Pool } from 'undici'
import type { Post } from '../model/exchange.ts'
import { TrackSyncError } from '../model/problem.ts'
import { redactor } from '../model/secret.ts'
import { Call } from './call.ts'
import { proxyFor } from './proxy.ts'
import { dispatcherFor } from './through-proxy.ts'

export interface PostOptions {
  /** Where the API lives; nothing else is ever contacted. */
  url: URL
  key: string
  /** Connections, which is also the most requests in flight. */
  connections: number
  /** How long a request may take, connection and answer included. The API answers within seconds; default 90 s. */
  timeoutMs?: number
  /** The proxy to go through, `http://NAME:PASSWORD@HOST:PORT`; default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
  proxy?: string
}

/** The path of the endpoint. Source: the seed page. */
export const endpointPath = '/users/track/sync'

/**
 * The host as a URL, refused where it is none, where the key would travel in the clear, or where the way there cannot be
 * understood. `proxy` is the one that was said, if any.
 */
export function checkTarget(text: string, key: string, proxy?: string): URL {
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
  proxyFor(url, proxy)
  return url
}

/**
 * Headers of an answer may have as many bytes as this, those that come before it included; Node takes no more by default,
 * and real ones have one or two thousand.
 */
const headerBytesMax = 16 * 1024
/** A connection, encryption agreed, comes about within this; the deadline of the request counts on meanwhile. */
const connectTimeoutMs = 10_000

/** A post to the endpoint and a way to close its connections. The key goes into the request's header and nowhere else. */
export function createPost({ url, key, connections, timeoutMs = 90_000, proxy: said }: PostOptions): {
  post: Post
  close: () => Promise<void>
} {
  const options = {
    connections,
    pipelining: 1,
    maxHeaderSize: headerBytesMax,
    // Each request has its own deadline. These would begin anew with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: 4_000,
  }
  const proxy = proxyFor(url, said)
  const dispatcher = proxy === undefined ? new Pool(url.origin, options) : dispatcherFor(proxy, options)
  const redact = redactor([key, ...(proxy?.secrets ?? [])])
  const { origin } = url
  const path = `${url.pathname.replace(/\/$/, '')}${endpointPath}`
  const headers = {
    'content-type': 'application/json',
    // What nobody packs cannot be packed wrongly, or unpack to anything huge.
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
