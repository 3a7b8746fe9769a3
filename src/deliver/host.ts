import { env } from 'node:process'
import { TrackSyncError } from '../model/problem.ts'
import { isLoopback, type Proxy, readProxy } from './proxy.ts'

/**
 * The host as a URL, refused where it is none, where the key would travel in the clear, or where the way there cannot be
 * understood. `proxy` is the one that was said, if any.
 */
export function checkTarget(text: string, key: string, proxy?: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    const message = text === '' ? 'No host is set.' : `\`${text}\` is not the address of a host.`
    throw new TrackSyncError('host_missing', message, {
      field: 'url',
      came: text,
      expected: 'https://rest.….braze.com, the REST host of your instance',
    })
  }
  if (url.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    const message = `${url.origin} is not https; the key would be sent unencrypted.`
    throw new TrackSyncError('host_insecure', message, { field: 'url', expected: 'https', came: url.origin })
  }
  if (url.username !== '' || url.password !== '') {
    const message = `\`url\` must be a host only; it contains a user name or a password.`
    throw new TrackSyncError('settings_invalid', message, {
      field: 'url',
      expected: 'a host',
      came: url.origin,
    })
  }
  if (key.trim() === '') {
    const expected = 'a REST API key'
    throw new TrackSyncError('key_missing', 'No API key is set.', { field: 'key', expected })
  }
  if (!/^[!#-&(-~]+$/.test(key)) {
    const message =
      'The API key contains characters that no key has, such as a space, a line end or a quotation mark.'
    throw new TrackSyncError('settings_invalid', message, {
      field: 'key',
      expected: 'the key alone, without quotation marks',
    })
  }
  proxyFor(url, proxy)
  return url
}

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
