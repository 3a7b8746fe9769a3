import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { listen, lostOf, postTo } from './servers.ts'

describe('a lost answer', () => {
  test('of a refused connection was certainly not sent', async () => {
    const url = await closedPort()
    expect(lostOf(await postTo(url)('{}'))).toEqual({ sent: false, reason: 'ECONNREFUSED' })
  })

  test('of a connection that breaks while its encryption is agreed was certainly not sent', async () => {
    const hangsUp = await listen(socket => {
      socket.once('data', () => socket.end())
    })
    const resets = await listen(socket => {
      socket.once('data', () => socket.resetAndDestroy())
    })
    for (const { host } of [hangsUp, resets]) {
      expect(lostOf(await postTo(new URL(`https://${host}`))('{}')).sent).toBe(false)
    }
  })

  test('of a server that reads and hangs up may have been applied', async () => {
    const url = await listen(socket => {
      socket.once('data', () => socket.end())
    })
    expect(lostOf(await postTo(url)('{}'))).toEqual({ sent: true, reason: 'UND_ERR_SOCKET' })
  })

  test('of a server that reads and resets the connection may have been applied', async () => {
    const url = await listen(socket => {
      socket.once('data', () => socket.resetAndDestroy())
    })
    expect(lostOf(await postTo(url)('{}'))).toEqual({ sent: true, reason: 'ECONNRESET' })
  })

  test('of a server that never answers may have been applied', async () => {
    const url = await listen(socket => socket.resume())
    const lost = lostOf(await postTo(url, { timeoutMs: 1000 })('{}'))
    expect(lost).toEqual({ sent: true, reason: 'DEADLINE' })
  })

  test('of something that does not speak HTTP may have been applied', async () => {
    const url = await listen(socket => {
      socket.once('data', () => socket.end('220 mail.test ESMTP\r\n'))
    })
    expect(lostOf(await postTo(url)('{}')).sent).toBe(true)
  })

  test('is never sent again behind our back', async () => {
    let requests = 0
    const url = await listen(socket => {
      socket.on('data', data => {
        requests += data.toString().split('POST ').length - 1
        socket.destroy()
      })
    })
    await postTo(url)('{}')
    await postTo(url)('{}')
    expect(requests).toBe(2)
  })
})

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<URL> {
  const server = createServer()
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => {
    server.close(resolve)
  })
  return new URL(`http://127.0.0.1:${port}`)
}
