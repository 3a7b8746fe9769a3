import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createPost, type PostOptions } from '../../src/deliver/post.ts'
import type { Answer, Lost } from '../../src/model/exchange.ts'

export const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'

export function postTo(url: URL, more: Partial<PostOptions> = {}) {
  const { post, close } = createPost({ url, key, connections: 2, ...more })
  onTestFinished(close)
  return post
}

export async function serve(onRequest: RequestListener): Promise<URL> {
  const server = createServer(onRequest)
  return await open(server, () => server.closeAllConnections())
}

/** A server of raw sockets, which may misbehave as it likes. */
export async function listen(onConnection: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>()
  const server = createTcpServer(socket => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  })
  return await open(server, () => {
    for (const socket of sockets) socket.destroy()
  })
}

/** Open until the test is over. */
async function open(server: Server, hangUp: () => void): Promise<URL> {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(
    () =>
      new Promise(resolve => {
        server.close(() => resolve())
        hangUp()
      }),
  )
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

export function answerOf(result: { answer: Answer } | { lost: Lost }): Answer {
  if ('lost' in result) throw new Error(`There is no answer: ${result.lost.reason}.`)
  return result.answer
}

export function lostOf(result: { answer: Answer } | { lost: Lost }): Lost {
  if ('answer' in result) throw new Error(`There is an answer: ${result.answer.status}.`)
  return result.lost
}
