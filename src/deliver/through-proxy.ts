import { type Dispatcher, EnvHttpProxyAgent, errors, Pool, ProxyAgent } from 'undici'
import type { Proxy } from './proxy.ts'

/** How long a proxy may take to say whether it connects. It is near, or of no use. */
const proxyTimeoutMs = 10_000

/** Sends through a proxy, with as many connections as there may be; hosts in NO_PROXY are reached without it. */
export function dispatcherFor({ uri, token, noProxy }: Proxy, options: Pool.Options): Dispatcher {
  const settings: Omit<ProxyAgent.Options, 'uri'> = {
    factory: (origin, given) => {
      const { connect = options.connect } = given as Pool.Options
      return new Pool(origin, {
        ...options,
        ...(connect === undefined ? {} : { connect: attributed(connect) }),
      })
    },
    clientFactory: (origin, given) =>
      new Pool(origin, { ...given, headersTimeout: proxyTimeoutMs, bodyTimeout: proxyTimeoutMs }),
    // A request in the clear needs no tunnel, and many a proxy opens none for it.
    proxyTunnel: false,
    ...(token === undefined ? {} : { token }),
  }
  if (noProxy === undefined) return new ProxyAgent({ ...settings, uri })
  return new EnvHttpProxyAgent({ ...settings, httpProxy: uri, httpsProxy: uri, noProxy })
}

/** A connection whose failures say whether they are the proxy's. */
function attributed(connect: NonNullable<Pool.Options['connect']>): NonNullable<Pool.Options['connect']> {
  if (typeof connect !== 'function') return connect
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error === null) callback(null, socket)
      else callback(ofProxy(error), null)
    })
}

/** A failure on the way to the proxy, or of the proxy, as one of its own; what befalls the way behind it stays as it is. */
function ofProxy(error: Error): Error {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  const status = /^Proxy response \((\d+)\)/.exec(error.message)?.[1]
  if (status !== undefined)
    return Object.assign(new Error(error.message), { code: refusalOf(Number(status)) })
  if (['connect', 'getaddrinfo'].includes(syscall ?? '') || code === 'UND_ERR_CONNECT_TIMEOUT')
    return Object.assign(new Error(error.message), { code: 'PROXY_UNREACHABLE' })
  // undici reconnects for ever where a connection failed with the first of these.
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_HEADERS_TIMEOUT')
    return Object.assign(new Error(error.message), { code: 'PROXY_SILENT' })
  return error
}

/** What a proxy means that does not connect: the fault is ours, or it may pass. */
function refusalOf(status: number): string {
  if (status === 407) return 'PROXY_PASSWORD'
  return status >= 500 || status === 429 ? 'PROXY_GATEWAY' : 'PROXY_REFUSED'
}

/** Whether a proxy that takes requests in the clear has asked for a password: undici reports it as an invalid argument. */
export function asksForPassword(error: unknown): boolean {
  return error instanceof errors.InvalidArgumentError && error.message.includes('(407)')
}
