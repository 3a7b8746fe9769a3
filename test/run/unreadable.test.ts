import { gzipSync } from 'node:zlib'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { importFiles, resume } from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

/** What a server says to one request: the API's own answer, or something else. */
type Say = (response: ServerResponse, own: string) => void

const own: Say = (response, text) => {
  response.writeHead(201, { 'content-type': 'application/json' }).end(text)
}
const page: Say = response => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to proxy</html>')
}
const pages: Record<string, Say> = {
  'a page with 200': page,
  'a page with 201': response => response.writeHead(201).end('<html></html>'),
  'an empty 204': response => response.writeHead(204).end(),
  'an empty 201': response => response.writeHead(201).end(),
  'JSON cut in the middle': (response, text) => response.writeHead(201).end(text.slice(0, -9)),
  'JSON of somebody else': response => response.writeHead(200).end('{"message":"Please sign in"}'),
  'bytes that are no text': response => response.writeHead(201).end(gzipSync('x').subarray(4)),
}

/** Answers as the API does, but for the requests of these numbers, from 1. */
async function serve(say: Say, struck: (request: number) => boolean) {
  const applied: string[] = []
  let requests = 0
  const server = createServer((request, response) => {
    // Nobody may look, so what is in doubt stays unknown.
    if (request.url?.endsWith('/users/export/ids') === true) return void response.writeHead(403).end('{}')
    const number = ++requests
    void bodyOf(request).then(body => {
      applied.push(body)
      return (struck(number) ? say : own)(response, answerTo(body))
    })
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, applied }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** The user with what was asked, as the endpoint shows it. */
function answerTo(body: string): string {
  const { attributes, events } = JSON.parse(body) as { attributes?: JsonObject[]; events?: JsonObject[] }
  const { external_id: user, name, time, ...rest } = (attributes ?? events)?.[0] ?? {}
  const shown =
    events === undefined
      ? { custom_attributes: rest }
      : { custom_events: [{ name, first: time, last: time, count: 1 }] }
  return JSON.stringify({ users: [{ external_id: user, ...shown }], message: 'success' })
}

const runsDir = temporaryFolder()
const settings = { key: 'k', rate: 'off', concurrency: 1, runsDir, afterUnknown: 'continue' } as const

function source(rows: object[]) {
  const text = rows.map(row => JSON.stringify(row)).join('\n')
  return {
    name: 'rows.ndjson',
    chunks: async function* () {
      yield Buffer.from(text)
    },
  }
}
const attributes = [1, 2, 3].map(i => ({ external_id: `u${i}`, plan: `p${i}` }))
const events = [1, 2, 3].map(i => ({ external_id: `u${i}`, name: 'n', time: `2024-01-0${i}` }))
const bare = [1, 2, 3].map(i => ({ external_id: `u${i}` }))

describe.each(Object.entries(pages))('%s', (_name, say) => {
  test.each([
    ['values', attributes],
    ['events', events],
    ['rows without values', bare],
  ])('from the beginning stops the run, and no row of %s is taken for accepted', async (_kind, rows) => {
    const { url } = await serve(say, () => true)
    const kind = rows === bare ? { kind: 'attributes' as const } : {}
    const receipt = await importFiles({ files: [source(rows)], url, ...settings, ...kind }, hastyClock())
    const { summary, facts, folder } = receipt
    expect([summary.exitCode, summary.status]).toEqual([5, 'stopped'])
    expect(summary.objects).toMatchObject({ total: 3, unknown: 1, notSent: 2 })
    expect(facts.stop?.message).toMatch(/may be answering in its place/)
    expect(readCsv(join(folder, 'rows.csv')).map(row => row['outcome'])).toEqual([
      'unknown',
      'not_sent',
      'not_sent',
    ])
    const reasons = readCsv(join(folder, 'values.csv')).map(row => row['reason'])
    expect(new Set(reasons)).toEqual(new Set(rows === bare ? [] : ['reply_malformed']))
  })

  test('once leaves an event unknown, exit 4, and a value that does no harm is sent again', async () => {
    const first = await serve(say, number => number === 2)
    const ended = await importFiles({ files: [source(events)], url: first.url, ...settings }, hastyClock())
    expect([ended.summary.exitCode, ended.summary.objects.unknown]).toEqual([4, 1])
    expect(first.applied).toHaveLength(3)

    const second = await serve(say, number => number === 2)
    const files = [source(attributes)]
    const { summary } = await importFiles({ files, url: second.url, ...settings }, hastyClock())
    expect([summary.exitCode, summary.objects.verified, second.applied.length]).toEqual([0, 3, 4])
  })
})

test('a resume sends again what does no harm, and never an event that may have been applied', async () => {
  let isPage = true
  const { url, applied } = await serve(
    (response, text) => (isPage ? page : own)(response, text),
    () => true,
  )
  for (const [rows, left, sent] of [
    [attributes, 0, 4],
    [events, 1, 3],
  ] as const) {
    isPage = true
    applied.length = 0
    const { folder } = await importFiles({ files: [source(rows)], url, ...settings }, hastyClock())
    isPage = false
    const { summary } = await resume(folder, { key: 'k', files: [source(rows)] }, hastyClock())
    expect([summary.objects.unknown, applied.length]).toEqual([left, sent])
  }
})

test.each([408, 425])('%i is sent again, as nothing was applied, events too', async status => {
  const { url, applied } = await serve(
    response => response.writeHead(status, { connection: 'close' }).end(),
    number => number === 2,
  )
  const { summary } = await importFiles({ files: [source(events)], url, ...settings }, hastyClock())
  expect([summary.exitCode, summary.objects.unknown, summary.objects.rejected]).toEqual([0, 0, 0])
  expect([applied.length, summary.requests.retried]).toEqual([4, 1])
})

test.each([407, 421, 302])('%i stops the run at once', async status => {
  const { url, applied } = await serve(
    response => response.writeHead(status).end(),
    () => true,
  )
  const { summary } = await importFiles({ files: [source(events)], url, ...settings }, hastyClock())
  expect([summary.exitCode, applied.length, summary.objects.notSent]).toEqual([5, 1, 3])
})
