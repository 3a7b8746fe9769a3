import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkTarget } from '../../src/deliver/host.ts'
import { proxyFor } from '../../src/deliver/host.ts'
import { listen, proxy } from '../support/hostile.ts'
import { answerOf, lostOf, postTo, serve } from './servers.ts'
import { isLoopback } from '../../src/deliver/proxy.ts'

const api = new URL('https://rest.iad-01.braze.com')

beforeEach(() => {
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, undefined)
    vi.stubEnv(name.toLowerCase(), undefined)
  }
})
afterEach(() => void vi.unstubAllEnvs())

describe('which proxy', () => {
  test.each([
    [{}, undefined],
    [{ HTTPS_PROXY: 'http://a:1' }, 'http://a:1'],
    [{ https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2' }, 'http://a:1'],
    [{ HTTP_PROXY: 'http://b:2' }, 'http://b:2'],
    [{ HTTP_PROXY: 'http://b:2', https_proxy: 'a:1' }, 'http://a:1'],
    [{ HTTPS_PROXY: '', http_proxy: 'https://b:2' }, 'https://b:2'],
  ])('the environment %j means %s', (variables, uri) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    expect(proxyFor(api)?.uri).toBe(uri)
  })

  test('one that is said wins over the environment, and is for this machine, too', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://a:1')
    expect(proxyFor(api, 'http://c:3')).toEqual({ uri: 'http://c:3', secrets: [] })
    expect(proxyFor(new URL('http://127.0.0.1:4010'), 'http://c:3')?.uri).toBe('http://c:3')
  })

  test.each([
    'http://127.0.0.1:4010',
    'http://localhost:4010',
    'http://[::1]:4010',
    'https://127.3.2.1',
    'http://a.localhost',
  ])('that of the environment is never for %s', url => {
    for (const name of ['HTTPS_PROXY', 'http_proxy']) vi.stubEnv(name, 'http://a:1')
    expect(isLoopback(new URL(url))).toBe(true)
    expect(proxyFor(new URL(url))).toBe(undefined)
  })

  test.each(['https://127.0.0.1.evil.test', 'https://localhost.evil.test', 'https://rest.iad-01.braze.com'])(
    '%s is elsewhere',
    url => expect(isLoopback(new URL(url))).toBe(false),
  )

  test('name and password go into its header, and are secrets', () => {
    const basic = Buffer.from('me:p@ss:w%rd').toString('base64')
    const { uri, token, secrets } = proxyFor(api, 'http://me:p%40ss%3Aw%25rd@c:3') ?? { uri: '', secrets: [] }
    expect([uri, token]).toEqual(['http://c:3', `Basic ${basic}`])
    expect(secrets).toEqual(['p@ss:w%rd', 'p%40ss%3Aw%25rd', basic])
    expect(proxyFor(api, 'http://me:100%@c:3')?.secrets).toContain('100%')
    expect(proxyFor(api, 'http://token@c:3')?.token).toBe(`Basic ${Buffer.from('token:').toString('base64')}`)
  })

  test.each(['socks5://me:hush-hush@c:3', 'http://me:hush-hush@:3', 'ftp://c', 'http://'])(
    '%s is none, is refused before anything is sent, and is not repeated',
    text => {
      const refused = expect.objectContaining({
        code: 'settings_invalid',
        message: expect.not.stringContaining('hush-hush') as unknown,
      })
      expect(() => checkTarget(api.href, 'k', text)).toThrow(refused)
      vi.stubEnv('HTTPS_PROXY', text)
      expect(() => checkTarget(api.href, 'k')).toThrow(refused)
      expect(() => checkTarget('http://127.0.0.1:1', 'k')).not.toThrow()
    },
  )
})

describe('a request in the clear', () => {
  test('goes through the proxy with its whole address; an answer of the API is one', async () => {
    const url = await serve((request, response) => response.writeHead(201).end(request.headers.host))
    const { url: through, calls } = await proxy()
    const { status, body } = answerOf(await postTo(url, { proxy: through.href })('{}'))
    expect([status, body]).toEqual([201, url.host])
    expect(calls).toEqual([
      { method: 'POST', target: `${url.origin}/users/track/sync`, authorization: undefined },
    ])
  })

  test('shows the proxy the password it was given, and the API none', async () => {
    const told: unknown[] = []
    const url = await serve((request, response) => {
      told.push(request.headers['proxy-authorization'])
      response.writeHead(201).end('{}')
    })
    const token = `Basic ${Buffer.from('me:pass').toString('base64')}`
    const { url: through } = await proxy({ token })
    expect(answerOf(await postTo(url, { proxy: `http://me:pass@${through.host}` })('{}')).status).toBe(201)
    expect(told).toEqual([undefined])
  })

  test('to a proxy that asks for a password did not leave', async () => {
    const { url: through } = await proxy({ token: 'Basic x' })
    const post = postTo(new URL('http://127.0.0.1:1'), { proxy: through.href })
    expect(lostOf(await post('{}'))).toEqual({ sent: false, reason: 'PROXY_PASSWORD' })
  })
})

describe('a tunnel', () => {
  test.each([
    [407, 'PROXY_PASSWORD'],
    [403, 'PROXY_REFUSED'],
    [405, 'PROXY_REFUSED'],
    [302, 'PROXY_REFUSED'],
    [502, 'PROXY_GATEWAY'],
    [503, 'PROXY_GATEWAY'],
  ])('that is refused with %i: nothing left (%s)', async (refuses, reason) => {
    const { url: through, calls } = await proxy({ refuses })
    vi.stubEnv('HTTPS_PROXY', through.href)
    expect(lostOf(await postTo(api)('{}'))).toEqual({ sent: false, reason })
    expect(calls.map(({ method, target }) => `${method} ${target}`)).toEqual([`CONNECT ${api.host}:443`])
  })

  test('through a proxy that hangs up is tried once a request', async () => {
    let connections = 0
    const { host } = await listen(socket => {
      connections++
      socket.once('data', () => socket.end())
    })
    const post = postTo(api, { proxy: `http://${host}`, timeoutMs: 5000 })
    expect(lostOf(await post('{}'))).toEqual({ sent: false, reason: 'PROXY_SILENT' })
    expect(connections).toBe(1)
  })

  test('through a proxy that says nothing ends with the deadline, and nothing left', async () => {
    const { host } = await listen(socket => socket.resume())
    const post = postTo(api, { proxy: `http://${host}`, timeoutMs: 100 })
    expect(lostOf(await post('{}'))).toEqual({ sent: false, reason: 'DEADLINE' })
  })

  test('through a proxy that is not there says so', async () => {
    const post = postTo(api, { proxy: 'http://127.0.0.1:1' })
    expect(lostOf(await post('{}'))).toEqual({ sent: false, reason: 'PROXY_UNREACHABLE' })
  })

  test('is not made for a host in NO_PROXY', async () => {
    const { url: through, calls } = await proxy()
    vi.stubEnv('HTTPS_PROXY', through.href)
    vi.stubEnv('no_proxy', 'example.test, .invalid')
    const lost = lostOf(await postTo(new URL('https://rest.nowhere.invalid'))('{}'))
    expect(lost.sent).toBe(false)
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(lost.reason)
    expect(calls).toEqual([])
  })
})
