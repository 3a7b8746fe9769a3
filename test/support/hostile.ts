import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request as ask, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

type Certificate = 'trusted' | 'other-name' | 'expired' | 'self-signed'

const certificates = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url))

/** The authority that vouches for all but the self-signed one, for NODE_EXTRA_CA_CERTS. */
export const authority = certificates('authority.pem')

/** A server of encrypted connections; open until the test is over. */
export async function serveEncrypted(certificate: Certificate, onRequest: RequestListener): Promise<URL> {
  const [cert, key] = ['pem', 'key'].map(kind => readFileSync(certificates(`${certificate}.${kind}`)))
  const server = createTlsServer({ cert, key }, onRequest)
  return await opened(server, 'https', () => server.closeAllConnections())
}

export async function serve(onRequest: RequestListener): Promise<URL> {
  const server = createServer(onRequest)
  return await opened(server, 'http', () => server.closeAllConnections())
}

/** A server of raw sockets, which may misbehave as it likes. */
export async function listen(onConnection: (socket: Socket) => void, scheme = 'http'): Promise<URL> {
  const sockets = new Set<Socket>()
  const server = createTcpServer(socket => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  })
  return await opened(server, scheme, () => {
    for (const socket of sockets) socket.destroy()
  })
}

/** What a proxy was asked for. */
export interface ProxyCall {
  method: string
  /** The host and port of a tunnel; the whole address of a request in the clear. */
  target: string
  authorization: string | undefined
}

/**
 * A proxy that counts what it is asked for, and leads every name to where `leads` says: with a password if it has one,
 * with a status instead of a connection if it is to refuse.
 */
export async function proxy({
  token,
  refuses,
  leads,
}: {
  token?: string
  refuses?: number
  leads?: URL
} = {}) {
  const calls: ProxyCall[] = []
  const sockets = new Set<Socket>()
  const refusal = (request: IncomingMessage): number | undefined => {
    const authorization = request.headers['proxy-authorization']
    calls.push({ method: request.method ?? '', target: request.url ?? '', authorization })
    return token !== undefined && authorization !== token ? 407 : refuses
  }
  const server = createServer((request, response) => {
    const status = refusal(request)
    if (status !== undefined) return response.writeHead(status).end(`<h1>${status}</h1>`)
    const { hostname, port, pathname } = new URL(request.url ?? '')
    const { 'proxy-authorization': _own, ...headers } = request.headers
    const { method } = request
    const onward = ask(
      { host: leads?.hostname ?? hostname, port: leads?.port ?? port, path: pathname, method, headers },
      answer => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      },
    )
    return request.pipe(onward.on('error', () => response.destroy()))
  })
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    sockets.add(client.on('error', () => {}))
    const status = refusal(request)
    if (status !== undefined) return client.end(`HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic\r\n\r\n`)
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const onward = connect(Number(leads?.port ?? port), leads?.hostname ?? host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    sockets.add(onward.on('error', () => client.destroy()))
    return client
  })
  const url = await opened(server, 'http', () => {
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
  })
  return { url, calls }
}

/** Open until the test is over. */
async function opened(server: Server, scheme: string, hangUp: () => void): Promise<URL> {
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
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`)
}
