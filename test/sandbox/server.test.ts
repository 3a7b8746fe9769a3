import { afterEach, expect, test } from 'vitest'
import {
  createSandbox,
  type Sandbox,
  type SandboxCall,
  type SandboxOptions,
} from '../../src/sandbox/server.ts'

const open: Sandbox[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(sandbox => sandbox.close()))
})

async function sandboxOf(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(options)
  open.push(sandbox)
  return sandbox
}

function post(sandbox: Sandbox, body: string, key = 'secret-key', path = '/users/track/sync') {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
  return fetch(`${sandbox.url}${path}`, { method: 'POST', headers, body })
}

const plan = (id: string) => JSON.stringify({ attributes: [{ external_id: id, plan: 'gold' }] })

test('it listens on this machine only, on any free port', async () => {
  const [one, two] = [await sandboxOf(), await sandboxOf()]
  expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(one.url).not.toBe(two.url)
})

test('it answers over HTTP as the endpoint does, and keeps the user', async () => {
  const sandbox = await sandboxOf()
  const response = await post(sandbox, plan('a'))
  expect(response.status).toBe(201)
  expect(response.headers.get('content-type')).toMatch('application/json')
  expect(response.headers.get('x-ratelimit-limit')).toBe('500')
  expect(await response.json()).toEqual({
    users: [{ external_id: 'a', custom_attributes: { plan: 'gold' } }],
    message: 'success',
  })
  expect(sandbox.profiles().map(profile => profile.external_id)).toEqual(['a'])
})

test('its history holds every call, the refused ones too, and never the key', async () => {
  const told: SandboxCall[] = []
  const sandbox = await sandboxOf({ key: 'secret-key', onCall: call => told.push(call) })
  await post(sandbox, plan('a'))
  await post(sandbox, plan('b'), 'secret-wrong')
  await post(sandbox, plan('c'), 'secret-key', '/users/tracks?api_key=secret-key')
  const calls = sandbox.calls()
  expect(calls.map(({ path, body, status }) => [path, body, status])).toEqual([
    ['/users/track/sync', plan('a'), 201],
    ['/users/track/sync', plan('b'), 401],
    ['/users/tracks', plan('c'), 404],
  ])
  expect(told).toEqual(calls)
  expect(JSON.stringify([calls, sandbox.profiles()])).not.toContain('secret')
  expect(sandbox.profiles()).toHaveLength(1)
})

test('over the limit it answers 429 and writes nothing', async () => {
  const sandbox = await sandboxOf({ limit: 1, window: 'rolling' })
  await post(sandbox, plan('a'))
  const response = await post(sandbox, plan('b'))
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('x-ratelimit-retry-after'))).toBeGreaterThan(50)
  expect(response.headers.get('x-ratelimit-reset')).toBeNull()
  expect(sandbox.profiles()).toHaveLength(1)
})

test('a body above the limit is answered with 413', async () => {
  const sandbox = await sandboxOf()
  const response = await post(sandbox, plan('x'.repeat(9_000_000)))
  expect(response.status).toBe(413)
  expect(await response.json()).toEqual({ message: 'Request Entity Too Large' })
})

test('requests at the same time are all counted', async () => {
  const sandbox = await sandboxOf()
  const body = JSON.stringify({ events: [{ external_id: 'a', name: 'e', time: '2022-01-01' }] })
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await post(sandbox, body)).status),
  )
  expect(new Set(statuses)).toEqual(new Set([201]))
  expect(sandbox.profiles()[0]?.custom_events[0]?.count).toBe(20)
})

test('a port that is taken is an error', async () => {
  const sandbox = await sandboxOf()
  const port = Number(new URL(sandbox.url).port)
  await expect(createSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('once closed it no longer answers', async () => {
  const sandbox = await createSandbox()
  await post(sandbox, plan('a'))
  await sandbox.close()
  await expect(post(sandbox, plan('b'))).rejects.toThrow()
})
