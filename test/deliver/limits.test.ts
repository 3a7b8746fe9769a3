import type { Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { answerBytesMax, answerDepthMax } from '../../src/deliver/response-body.ts'
import { answerOf, key, listen, lostOf, postTo, serve } from './servers.ts'

/** Long enough for a busy machine to come as far as the test means. */
const timeoutMs = 1000

/** A server that answers a request with these bytes, and then with more of them as long as anybody listens. */
async function drips(first: string, drop: string) {
  return await listen(socket => {
    socket.once('data', () => {
      socket.write(first)
      const again = setInterval(() => socket.write(drop), 5)
      socket.on('close', () => clearInterval(again))
    })
  })
}

describe('a request ends at its deadline, whatever comes', () => {
  test('silence', async () => {
    const url = await listen(socket => socket.resume())
    expect(lostOf(await postTo(url, { timeoutMs })('{}'))).toEqual({ sent: true, reason: 'DEADLINE' })
  })

  test.each([
    ['endless answers that are none (103)', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
    ['a header that never ends, a byte at a time', 'a'],
  ])('%s', async (_name, drop) => {
    const first = drop === 'a' ? 'HTTP/1.1 201 Created\r\nx-a: ' : ''
    const url = await drips(first, drop)
    expect(lostOf(await postTo(url, { timeoutMs })('{}'))).toEqual({ sent: true, reason: 'DEADLINE' })
  })

  test.each([
    [
      'a body that is announced, a byte at a time',
      'HTTP/1.1 201 Created\r\ncontent-length: 100000\r\n\r\n{',
      ' ',
    ],
    [
      'a body in chunks without end',
      'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ],
    ['a chunk whose name never ends', 'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n1;', 'a'],
  ])('%s: the status is known, the body is not', async (_name, first, drop) => {
    const url = await drips(first, drop)
    const { status, complete, cut, body } = answerOf(await postTo(url, { timeoutMs })('{}'))
    expect([status, complete, body]).toEqual([201, false, ''])
    expect(cut).toBe('the response was not complete after 1 s')
  })

  test('encryption that is never agreed on: nothing left', async () => {
    const url = await listen(socket => socket.resume(), 'https')
    expect(lostOf(await postTo(url, { timeoutMs })('{}'))).toEqual({ sent: false, reason: 'DEADLINE' })
  })

  test('a request that waits for a connection: nothing left, and nothing leaves later', async () => {
    let requests = 0
    const url = await listen(socket => {
      socket.on('data', data => {
        requests += data.toString().split('POST ').length - 1
      })
    })
    const post = postTo(url, { timeoutMs, connections: 1 })
    const results = await Promise.all([post('{}'), post('{}'), post('{}')])
    const sent = results.map(result => lostOf(result).sent)
    expect(sent[0]).toBe(true)
    // The others leave where the first lets go of its connection before their own time is over; then they say so.
    expect(requests).toBeLessThanOrEqual(sent.filter(Boolean).length)
  })

  test('what comes after it changes nothing, and the next request is served', async () => {
    const sockets: Socket[] = []
    const url = await listen(socket => {
      sockets.push(socket)
      socket.on('data', () => {
        if (sockets.length > 1) socket.end('HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}')
      })
    })
    const post = postTo(url, { timeoutMs, connections: 1 })
    expect(lostOf(await post('{}')).reason).toBe('DEADLINE')
    expect(answerOf(await postTo(url, { timeoutMs: 30_000 })('{}'))).toMatchObject({
      status: 201,
      body: '{}',
    })
  })
})

describe('an answer has its limits', () => {
  test(`a body of more than ${answerBytesMax} bytes is given up, and its status kept`, async () => {
    const url = await serve((_request, response) => {
      response.writeHead(201)
      const chunk = Buffer.alloc(64 * 1024, ' ')
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    })
    const { status, complete, cut } = answerOf(await postTo(url, { timeoutMs: 30_000 })('{}'))
    expect([status, complete, cut]).toEqual([201, false, 'the response is larger than 10 MB'])
  })

  test('one of just so many bytes is whole', async () => {
    const body = JSON.stringify(' '.repeat(answerBytesMax - 2))
    const url = await serve((_request, response) => response.writeHead(201).end(body))
    const { complete, body: text } = answerOf(await postTo(url, { timeoutMs: 30_000 })('{}'))
    expect([complete, text === body]).toEqual([true, true])
  })

  test('headers that fill the memory are no answer', async () => {
    const url = await drips('HTTP/1.1 201 Created\r\n', `x-a: ${'a'.repeat(8000)}\r\n`)
    expect(lostOf(await postTo(url, { timeoutMs: 30_000 })('{}'))).toEqual({
      sent: true,
      reason: 'UND_ERR_HEADERS_OVERFLOW',
    })
  })

  test.each([
    [answerDepthMax, '[', ']', true],
    [answerDepthMax + 1, '[', ']', false],
    [200_000, '[', ']', false],
    [200_000, '{"a":', '}', false],
  ])('%i levels of %s', async (levels, open, close, complete) => {
    const body = `${open.repeat(levels)}1${close.repeat(levels)}`
    const url = await serve((_request, response) => response.writeHead(201).end(body))
    const answer = answerOf(await postTo(url)('{}'))
    expect([answer.complete, answer.body === body]).toEqual([complete, complete])
    if (!complete) expect(answer.cut).toBe('the response is nested deeper than 200 levels')
  })

  test('brackets in a text are no levels', async () => {
    const body = JSON.stringify({ a: `\\"${'['.repeat(500)}`, b: '{"'.repeat(300) })
    const url = await serve((_request, response) => response.writeHead(201).end(body))
    expect(answerOf(await postTo(url)('{}'))).toMatchObject({ complete: true, body })
  })
})

describe('a packed answer', () => {
  const body = JSON.stringify({ message: 'success', name: 'Zoë' })

  test('is not asked for', async () => {
    const url = await serve((request, response) => {
      response.writeHead(201).end(JSON.stringify(request.headers['accept-encoding']))
    })
    expect(answerOf(await postTo(url)('{}')).body).toBe('"identity"')
  })

  test.each([
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity', Buffer.from(body)],
    ['', Buffer.from(body)],
    ['gzip, br', brotliCompressSync(gzipSync(body))],
  ])('that comes all the same is unpacked: %j', async (encoding, bytes) => {
    const url = await serve((_request, response) => {
      response.writeHead(201, { 'content-encoding': encoding }).end(bytes)
    })
    expect(answerOf(await postTo(url)('{}'))).toMatchObject({ complete: true, body })
  })

  test.each([
    ['gzip', 'no gzip'],
    ['gzip', gzipSync(body).subarray(0, 20)],
    ['compress', body],
    ['constructor', body],
    ['gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(gzipSync(body))))],
  ])('that cannot be unpacked is of no use, and says so: %j', async (encoding, bytes) => {
    const url = await serve((_request, response) => {
      response.writeHead(201, { 'content-encoding': encoding }).end(bytes)
    })
    const { complete, body: text, cut } = answerOf(await postTo(url)('{}'))
    expect([complete, text]).toEqual([false, ''])
    expect(cut).toBe(`the response has an encoding that cannot be decoded (${encoding})`)
  })

  test.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes)],
    ['gzip, gzip', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
  ])('that unpacks to far too much is given up (%s)', async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(answerBytesMax * 4, ' '))
    expect(bomb.length).toBeLessThan(100_000)
    const url = await serve((_request, response) => {
      response.writeHead(201, { 'content-encoding': encoding }).end(bomb)
    })
    const { status, complete, cut } = answerOf(await postTo(url)('{}'))
    expect([status, complete, cut]).toEqual([201, false, 'the response is larger than 10 MB'])
  })
})

describe('the key in an answer', () => {
  test.each([201, 400, 500])('with %i is in no header and in no body, packed or not', async status => {
    const told = JSON.stringify({
      message: `3%66${key.slice(2)}`,
      [key]: Buffer.from(`Bearer ${key}`).toString('base64'),
    })
    const url = await serve((_request, response) => {
      response.writeHead(status, { 'content-encoding': 'gzip', 'x-echo': key, [`x-${key}`]: 'a' })
      response.end(gzipSync(told))
    })
    const answer = answerOf(await postTo(url)('{}'))
    expect(answer.body).toBe('{"message":"[key]","[key]":"[key]"}')
    expect(JSON.stringify(answer)).not.toContain(key)
    expect(answer.headers).toMatchObject({ 'x-echo': '[key]' })
  })

  test('of a proxy is treated alike', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(400).end('no hush-hush here, hush%2Dhush'),
    )
    const proxy = await serve((_request, response) =>
      response.writeHead(400).end('no hush-hush here, hush%2Dhush'),
    )
    const post = postTo(url, { proxy: `http://me:hush-hush@${proxy.host}` })
    expect(answerOf(await post('{}')).body).toBe('no [key] here, [key]')
  })
})
