import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'

/** A host that lets profiles be read and nothing else, in front of a sandbox that can be written to on its own address. */
export interface ReadOnlyHost {
  url: string
  sandbox: Sandbox
  /** The bodies of the requests that read profiles. */
  lookups: JsonObject[]
  /** The paths of all other requests. Each was refused. */
  refused: string[]
  /** The status with which it refuses such a request, if it does. */
  fails: (body: JsonObject) => number | undefined
}

export async function readOnlyHost(options: SandboxOptions = {}): Promise<ReadOnlyHost> {
  const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off', ...options })
  const lookups: JsonObject[] = []
  const refused: string[] = []
  const host: Omit<ReadOnlyHost, 'url'> = { sandbox, lookups, refused, fails: () => undefined }
  const server = createServer((request, response) => {
    void bodyOf(request).then(async body => {
      const path = request.url ?? ''
      if (path !== '/users/export/ids') {
        refused.push(path)
        return response.writeHead(403).end('{"message":"Access Denied"}')
      }
      const asked = JSON.parse(body) as JsonObject
      lookups.push(asked)
      const status = host.fails(asked)
      if (status !== undefined) return response.writeHead(status).end('{"message":"no"}')
      const { authorization = '' } = request.headers
      const passedOn = await fetch(`${sandbox.url}${path}`, {
        method: 'POST',
        headers: { authorization },
        body,
      })
      return response.writeHead(passedOn.status).end(await passedOn.text())
    })
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    await sandbox.close()
  })
  const { port } = server.address() as AddressInfo
  return Object.assign(host, { url: `http://127.0.0.1:${port}` })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Writes objects to the profiles of a sandbox, behind the back of any run. */
export async function write(sandbox: Sandbox, body: JsonObject): Promise<void> {
  const headers = { authorization: 'Bearer k', 'content-type': 'application/json' }
  const response = await fetch(`${sandbox.url}/users/track`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  if (response.status !== 201) throw new Error(await response.text())
}
