import { TrackSyncError } from '../model/problem.ts'

/** A proxy that requests go through. */
export interface Proxy {
  /** Its address, without name and password. */
  uri: string
  /** The credentials it is sent: `Basic …`. */
  token?: string
  /** What must never be written or printed. */
  secrets: string[]
  /** The hosts it is not for, where it is that of the environment. */
  noProxy?: string
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
