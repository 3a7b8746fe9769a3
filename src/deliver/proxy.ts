import { env } from 'node:process'
import { type Dispatcher, EnvHttpProxyAgent, errors, Pool, ProxyAgent } from 'undici'
import { TrackSyncError } from '../model/problem.ts'

/** A proxy that requests go through. */
export interface Proxy {
  /** Its address, without name and password. */
  uri: string
  /** What it is shown by whoever asks: `Basic …`. */
  token?: string
  /** What must be in nothing that is written or printed. */
  secrets: string[]
  /** The hosts it is not for, where it is that of the environment. */
  noProxy?: string
}

/** How long a proxy may take to say whether it connects. It is near, or of no use. */
const proxyTimeoutMs = 10_000

/**
 * The proxy for a host: the one that was said, whatever the host, else that of the environment. What lies on this machine
 * never goes through the latter: no proxy elsewhere could reach it. Lower-case variables win, as they do in curl.
 */
export function proxyFor(url: URL, said = ''): Proxy | undefined {
  if (said !== '') return readProxy(said, 'proxy')
  if (isLoopback(url)) return undefined
  const names = url.protocol === 'https:' ? ['HTTPS_PROXY', 'HTTP_PROXY'] : ['HTTP_PROXY']
  const name = names.find(one => variable(one) !== '')
  return name === undefined
    ? undefined
    : { ...readProxy(variable(name), name), noProxy: variable('NO_PROXY') }
}

function variable(name: string): string {
  return env[name.toLowerCase()] ?? env[name] ?? ''
}

/** Whether a host is this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost)$/.test(hostname)
}

/** What is refused is not repeated: it may hold a password. */
export function readProxy(text: string, setting: string): Proxy {
  const whole = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    const what =
      url === undefined
        ? 'is not the address of a proxy'
        : `names a proxy of the kind ${url.protocol}//, which is none of those that are known`
    throw new TrackSyncError('settings_invalid', `\`${setting}\` ${what}.`, {
      field: setting,
      expected:
        'http://HOST:PORT or https://HOST:PORT, with NAME:PASSWORD@ before the host where the proxy asks for them',
    })
  }
  if (url.username === '' && url.password === '') return { uri: url.origin, secrets: [] }
  const [name, password] = [unescaped(url.username), unescaped(url.password)]
  const basic = Buffer.from(`${name}:${password}`).toString('base64')
  // A proxy that takes a token takes it as the name.
  const secrets = [password === '' ? name : password, url.password, basic].filter(secret => secret !== '')
  return { uri: url.origin, token: `Basic ${basic}`, secrets }
}

/** Somebody who writes % in a password means just that. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Sends through a proxy, with as many connections as there may be; hosts in NO_PROXY are reached without it. */
export function dispatcherFor({ uri, token, noProxy }: Proxy, options: Pool.Options): Dispatcher {
  const settings: Omit<ProxyAgent.Options, 'uri'> = {
    factory: (origin, given) => {
      const { connect = options.connect } = given as Pool.Options
      return new Pool(origin, { ...options, ...(connect === undefined ? {} : { connect: told(connect) }) })
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

/** A connection that says of each failure whether it is the proxy's. */
function told(connect: NonNullable<Pool.Options['connect']>): NonNullable<Pool.Options['connect']> {
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
  // undici tries anew for ever where a connection failed with the first of these.
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_HEADERS_TIMEOUT')
    return Object.assign(new Error(error.message), { code: 'PROXY_SILENT' })
  return error
}

/** What a proxy means that does not connect: the fault is ours, or it may pass. */
function refusalOf(status: number): string {
  if (status === 407) return 'PROXY_PASSWORD'
  return status >= 500 || status === 429 ? 'PROXY_GATEWAY' : 'PROXY_REFUSED'
}

/** Whether a proxy that takes requests in the clear has asked for a password: undici tells it as a wrong argument. */
export function asksForPassword(error: unknown): boolean {
  return error instanceof errors.InvalidArgumentError && error.message.includes('(407)')
}
