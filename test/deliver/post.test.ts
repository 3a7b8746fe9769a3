import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { checkTarget } from '../../src/deliver/host.ts'
import { answerOf, key, listen, postTo, serve } from './servers.ts'

describe('an answer', () => {
  test('comes back with its status, its body and header names in lower case', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(201, { 'X-RateLimit-Remaining': '499', 'Content-Type': 'application/json' })
      response.end('{"message":"success","name":"Zoë"}')
    })
    const { status, headers, body, complete } = answerOf(await postTo(url)('{}'))
    expect([status, body, complete]).toEqual([201, '{"message":"success","name":"Zoë"}', true])
    expect(headers).toMatchObject({ 'x-ratelimit-remaining': '499', 'content-type': 'application/json' })
  })

  test('of the API repeats the key in its 401; the key does not get further', async () => {
    const url = await serve((request, response) => {
      response.writeHead(401)
      response.end(JSON.stringify({ message: `Invalid API key: ${bearerOf(request)}`, again: key }))
    })
    const { status, body } = answerOf(await postTo(url)('{}'))
    expect(status).toBe(401)
    expect(body).not.toContain(key)
    expect(body).toBe('{"message":"Invalid API key: [key]","again":"[key]"}')
  })

  test('of a gateway is handed on as it is, HTML or not', async () => {
    const html = '<html><body><h1>502 Bad Gateway</h1></body></html>'
    const url = await serve((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' })
      response.end(html)
    })
    expect(answerOf(await postTo(url)('{}'))).toMatchObject({ status: 502, body: html, complete: true })
  })

  test('that sends us elsewhere is an answer; nobody follows it with the key', async () => {
    let asked = 0
    const url = await serve((_request, response) => {
      asked++
      response.writeHead(307, { location: '/elsewhere' })
      response.end()
    })
    expect([answerOf(await postTo(url)('{}')).status, asked]).toEqual([307, 1])
  })

  test('whose body is cut keeps its status and is not complete', async () => {
    const url = await listen(socket => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n{"message":"succ')
      })
    })
    expect(answerOf(await postTo(url)('{}'))).toMatchObject({ status: 201, body: '', complete: false })
  })

  test('whose body never ends keeps its status and is not complete', async () => {
    const url = await listen(socket => {
      socket.once('data', () => socket.write('HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n{'))
    })
    // Long enough for the head to be here, however busy the machine.
    expect(answerOf(await postTo(url, { timeoutMs: 2000 })('{}'))).toMatchObject({
      status: 201,
      complete: false,
    })
  })
})

describe('a request', () => {
  test('is a POST of JSON with the key as a bearer token, byte for byte the body it was given', async () => {
    const seen: { request: IncomingMessage; body: string }[] = []
    const url = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        seen.push({ request, body: Buffer.concat(chunks).toString() })
        response.writeHead(201).end('{}')
      })
    })
    const body = '{"attributes":[{"external_id":"ü","note":"\u2028 ☃"}]}'
    await postTo(url)(body)
    const [{ request, body: arrived } = { request: undefined, body: '' }] = seen
    expect([request?.method, request?.url, arrived]).toEqual(['POST', '/users/track/sync', body])
    expect(request?.headers['content-type']).toBe('application/json')
    expect(request?.headers.authorization).toBe(`Bearer ${key}`)
  })

  test.each([
    ['', '/users/track/sync'],
    ['/', '/users/track/sync'],
    ['/proxy/braze', '/proxy/braze/users/track/sync'],
    ['/proxy/braze/', '/proxy/braze/users/track/sync'],
  ])('goes to the path under the base address (%s)', async (base, path) => {
    const paths: (string | undefined)[] = []
    const url = await serve((request, response) => {
      paths.push(request.url)
      response.writeHead(201).end('{}')
    })
    await postTo(new URL(`${url.origin}${base}`))('{}')
    expect(paths).toEqual([path])
  })

  test('shares no more connections than it may, each with one request at a time', async () => {
    const sockets = new Set<Socket>()
    let [under, most] = [0, 0]
    const url = await serve((request, response) => {
      sockets.add(request.socket)
      most = Math.max(most, ++under)
      setImmediate(() => {
        under--
        response.writeHead(201).end('{}')
      })
    })
    const post = postTo(url, { connections: 3 })
    const results = await Promise.all(Array.from({ length: 30 }, () => post('{}')))
    expect(results.map(result => answerOf(result).status)).toEqual(Array(30).fill(201))
    expect(most).toBeLessThanOrEqual(3)
    expect(sockets.size).toBeLessThanOrEqual(3)
  })
})

describe('the target', () => {
  test.each([
    ['', 'host_missing'],
    ['rest.iad-01.braze.com', 'host_missing'],
    ['ftp://rest.iad-01.braze.com', 'host_missing'],
    ['http://rest.iad-01.braze.com', 'host_insecure'],
    ['http://127.0.0.1.evil.test', 'host_insecure'],
    ['http://localhost.evil.test', 'host_insecure'],
    ['http://192.168.0.7', 'host_insecure'],
  ])('%s is refused: %s', (text, code) => {
    expect(() => checkTarget(text, key)).toThrow(expect.objectContaining({ code }))
  })

  test.each(['', ' ', '\n'])('without a key nothing is sent (%j)', empty => {
    expect(() => checkTarget('https://rest.iad-01.braze.com', empty)).toThrow(
      expect.objectContaining({ code: 'key_missing' }),
    )
  })

  test.each([
    'https://rest.iad-01.braze.com',
    'http://127.0.0.1:4010',
    'http://localhost:4010',
    'http://[::1]:4010',
  ])('%s is taken', text => {
    expect(checkTarget(text, key).origin).toBe(text)
  })

  test('no refusal tells the key', () => {
    for (const text of ['', 'nonsense', 'http://rest.iad-01.braze.com']) {
      expect(() => checkTarget(text, key)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(key) as unknown }),
      )
    }
  })
})

function bearerOf(request: IncomingMessage): string {
  return (request.headers.authorization ?? '').replace('Bearer ', '')
}
