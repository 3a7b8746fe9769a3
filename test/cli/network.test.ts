import { readFileSync, writeFileSync } from 'node:fs'
import { request as ask, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.ts'
import { trackSync } from '../support/cli.ts'
import { authority, listen, proxy, serve, serveEncrypted } from '../support/hostile.ts'
import { readCsv, readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const rows = 12
writeFileSync(
  join(cwd, 'a.csv'),
  `external_id,plan\n${Array.from({ length: rows }, (_, i) => `u${i},gold\n`).join('')}`,
)

let runs = 0

/** An import at full speed. */
async function send(url: string, env: Record<string, string> = {}, ...flags: string[]) {
  const run = `run${++runs}`
  const args = ['import', 'a.csv', '--run-id', run, '--url', url, '--rate', '60000', '--quiet', ...flags]
  const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
  const told = await trackSync(args, { cwd, env: { BRAZE_API_KEY: key, ...env } })
  const folder = join(cwd, 'reports', run)
  const journal = readFileSync(join(folder, 'journal.ndjson'), 'utf8')
  const lost = journal.split('\n').filter(line => line.includes('"t":"lost"'))
  return {
    ...told,
    said: `${told.stdout}${told.stderr}`.replaceAll(/\s+/g, ' '),
    folder,
    journal,
    lost,
    outcomes: readCsv(join(folder, 'rows.csv')).map(row => row['outcome']),
  }
}

const notSent = Array.from({ length: rows }, () => 'not_sent')

describe('a certificate', () => {
  test('of an authority that NODE_EXTRA_CA_CERTS names is trusted', async () => {
    const sandbox = await createSandbox({ limit: 'off' })
    const url = await serveEncrypted('trusted', forwardTo(sandbox.url))
    const { code, outcomes } = await send(url.href, { NODE_EXTRA_CA_CERTS: authority })
    await sandbox.close()
    expect([code, new Set(outcomes)]).toEqual([0, new Set(['verified'])])
  })

  test.each([
    ['trusted', {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'does not know', 'set NODE_EXTRA_CA_CERTS'],
    ['self-signed', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed', 'set NODE_EXTRA_CA_CERTS'],
    [
      'expired',
      { NODE_EXTRA_CA_CERTS: authority },
      'CERT_HAS_EXPIRED',
      'has expired',
      'the clock of this machine',
    ],
    [
      'other-name',
      { NODE_EXTRA_CA_CERTS: authority },
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'for another host name',
      'the host name in BRAZE_API_URL',
    ],
  ] as const)('that cannot be trusted stops at once: %s', async (certificate, env, code, means, next) => {
    let requests = 0
    const url = await serveEncrypted(certificate, (_request, response) => {
      requests++
      response.writeHead(201).end('{}')
    })
    const told = await send(url.href, env)
    expect(told.said).toContain(`${url.origin} cannot be reached (${code}).`)
    expect(told.said).toContain(means)
    expect(told.said).toContain(next)
    expect([told.code, told.outcomes, requests]).toEqual([5, notSent, 0])
    // Fifty may be under way at once; nobody is tried twice.
    expect(told.lost.length).toBeLessThanOrEqual(rows)
  })
})

describe('the wrong protocol stops at once', () => {
  test('https to a port that does not encrypt', async () => {
    const { host } = await serve((_request, response) => response.writeHead(201).end('{}'))
    const { code, said, outcomes } = await send(`https://${host}`)
    expect([code, outcomes]).toEqual([5, notSent])
    expect(said).toMatch(/cannot be reached \((?:ERR_SSL_\w+|EPROTO)\)\. An encrypted connection/)
    expect(said).toContain('Check BRAZE_API_URL: its `https` and its port.')
  })

  test.each([
    ['a mail server', '220 mail.test ESMTP\r\n'],
    ['HTTP/2 only', Buffer.from('000012040000000000000300000064000400100000000600004000', 'hex')],
    ['encryption only', Buffer.from('15030300020246', 'hex')],
  ])('http to %s: what left may have been applied, and nothing follows', async (_name, greeting) => {
    let asked = 0
    const url = await listen(socket => {
      socket.once('data', () => {
        asked++
        socket.end(greeting)
      })
    })
    const { code, said, outcomes } = await send(url.href, {}, '--replay', 'none', '--concurrency', '2')
    expect(code).toBe(5)
    expect(said).toMatch(/cannot be reached \(HPE_\w+\)\. The server does not speak HTTP\/1\.1\./)
    expect(outcomes.filter(outcome => outcome === 'unknown')).toHaveLength(asked)
    expect(asked).toBeLessThanOrEqual(2)
    expect(outcomes.filter(outcome => outcome === 'not_sent')).toHaveLength(rows - asked)
  })
})

describe('a proxy', () => {
  /** An API behind encryption, reached through a proxy under a name that nobody else finds. */
  async function apiBehind(settings: Parameters<typeof proxy>[0] = {}) {
    const sandbox = await createSandbox({ limit: 'off' })
    const leads = await serveEncrypted('other-name', forwardTo(sandbox.url))
    return { ...(await proxy({ leads, ...settings })), close: () => sandbox.close() }
  }
  const trusting = { NODE_EXTRA_CA_CERTS: authority }
  const api = 'https://other.test'

  test.each(['HTTPS_PROXY', 'http_proxy'])('of %s carries everything, encrypted to the end', async name => {
    const { url, calls, close } = await apiBehind()
    const { code, outcomes } = await send(api, { ...trusting, [name]: url.href })
    await close()
    expect([code, new Set(outcomes)]).toEqual([0, new Set(['verified'])])
    expect(new Set(calls.map(({ method, target }) => `${method} ${target}`))).toEqual(
      new Set(['CONNECT other.test:443']),
    )
  })

  test('is shown its name and password, which nothing else ever shows', async () => {
    const token = `Basic ${Buffer.from('worker:hush-hush-42').toString('base64')}`
    const { url, calls, close } = await apiBehind({ token })
    const told = await send(api, { ...trusting, HTTPS_PROXY: `http://worker:hush-hush-42@${url.host}` })
    await close()
    expect(told.code).toBe(0)
    expect(new Set(calls.map(({ authorization }) => authorization))).toEqual(new Set([token]))
    expect(`${told.stdout}${told.stderr}${told.journal}`).not.toMatch(/hush-hush/)
  })

  test.each([
    [407, 'PROXY_PASSWORD', 'NAME:PASSWORD@HOST:PORT'],
    [403, 'PROXY_REFUSED', 'Ask the administrator of the proxy'],
  ])('that answers %i stops the run at once', async (refuses, code, next) => {
    const { url, calls, close } = await apiBehind({ refuses })
    const told = await send(api, { HTTPS_PROXY: `http://worker:hush-hush-42@${url.host}` })
    await close()
    expect([told.code, told.outcomes]).toEqual([5, notSent])
    expect(told.said).toContain(`${api} cannot be reached (${code}).`)
    expect(told.said).toContain(next)
    expect(told.said).not.toContain('hush-hush')
    expect(calls.length).toBeLessThanOrEqual(rows)
  })

  test('of the environment is not asked for what lies on this machine', async () => {
    const { url, calls, close } = await apiBehind()
    const sandbox = await createSandbox({ limit: 'off' })
    const { code } = await send(sandbox.url, { HTTPS_PROXY: url.href, HTTP_PROXY: url.href })
    await close()
    await sandbox.close()
    expect([code, calls]).toEqual([0, []])
  })

  test.each(['socks5://worker:hush-hush-42@c:3', 'http://worker:hush-hush-42@'])(
    'of another kind is refused before a run begins (%s)',
    async text => {
      const args = ['import', 'a.csv', '--url', api]
      const told = await trackSync(args, { cwd, env: { BRAZE_API_KEY: 'k', HTTPS_PROXY: text } })
      expect(told.code).toBe(2)
      expect(told.stderr).toContain('`HTTPS_PROXY`')
      expect(told.stderr).not.toContain('hush-hush')
    },
  )
})

test('the summary of a run that a proxy stopped says how to go on', async () => {
  const { url } = await proxy({ refuses: 407 })
  const { folder, lastLine } = await send('https://other.test', { https_proxy: url.href })
  expect(readSummary(folder)).toMatchObject({ status: 'stopped', exitCode: 5 })
  expect(lastLine).toContain('Next: track-sync resume')
})

/** Hands requests on to another server. */
function forwardTo(url: string): RequestListener {
  return (request, response) => {
    const { method, headers } = request
    const onward = ask(new URL(request.url ?? '', url), { method: method ?? '', headers }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  }
}
