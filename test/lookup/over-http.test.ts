import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { onTestFinished, describe, expect, test } from 'vitest'
import { endpoints } from '../../src/braze/endpoints.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { createPost } from '../../src/deliver/post.ts'
import { createLookups, type LookupOptions } from '../../src/lookup/lookups.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Look } from '../../src/model/observation.ts'
import type { Rate } from '../../src/model/exchange.ts'
import { createRateLimit } from '../../src/rate-limit/rate-limit.ts'
import { createSpacing } from '../../src/rate-limit/spacing.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { createSandbox, type SandboxOptions } from '../../src/sandbox/server.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { listen, serve } from '../support/hostile.ts'
import { ownerOf, seenIn, unseenIn } from './trial.ts'

const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
const names = ['Núñez', 'João', '山田太郎', 'Иван', 'עדי', '__proto__', '0', 'a b', '😀', ...numbered(60)]

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `u${i}`)
}

const alias = (name: string) => ({ alias_name: name, alias_label: 'Büro' })

/** Waits pass at once, requests are real. */
function lookupsAt(
  url: URL,
  { rate = 'off', timeoutMs, ...more }: Partial<LookupOptions> & { rate?: Rate; timeoutMs?: number } = {},
) {
  const { post, close } = createPost({
    url,
    key,
    endpoint: endpoints.exportIds,
    connections: 4,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  const clock = hastyClock()
  const permit = createSpacing(rate, clock)
  const lookups = createLookups({
    post,
    clock,
    random: () => 0.5,
    rateLimit: createRateLimit(rate, { permit, clock, random: () => 0.5 }),
    signal: new AbortController().signal,
    host: url.host,
    ...more,
  })
  onTestFinished(async () => {
    await lookups.close()
    await close()
  })
  const look = (user: JsonObject, fields = ['custom_attributes'], urgent = false): Promise<Look> =>
    lookups.look({ user: userKeyOf(user), fields }, urgent)
  return { lookups, look }
}

/** A sandbox in which everybody says who they are. */
async function inhabited(options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ exportLimit: 'off', limit: 'off', ...options })
  onTestFinished(sandbox.close)
  const { post, close } = createPost({
    url: new URL(sandbox.url),
    key,
    endpoint: endpoints.track,
    connections: 1,
  })
  onTestFinished(close)
  const attributes = names.map((external_id, i) => ({
    external_id,
    email: `Person${i}@Example.org`,
    phone: `+4915100000${i}`,
    country: 'BR',
    owner: external_id,
  }))
  const aliased = names.map(name => ({
    user_alias: alias(name),
    _update_existing_only: false,
    owner: `@${name}`,
  }))
  for (const some of [attributes, aliased]) await post(JSON.stringify({ attributes: some.slice(0, 75) }))
  const exports = () => sandbox.calls().filter(({ path }) => path === endpoints.exportIds.path)
  return { url: new URL(sandbox.url), exports, sandbox }
}

/** Everybody by id, everybody by alias, some by what is unique, and some who do not exist. */
const wanted: [JsonObject, string | null][] = [
  ...names.map((name): [JsonObject, string] => [{ external_id: name }, name]),
  ...names.map((name): [JsonObject, string] => [{ user_alias: alias(name) }, `@${name}`]),
  ...[0, 3, 7].map((i): [JsonObject, string] => [{ email: `pERSON${i}@example.ORG` }, names[i] ?? '']),
  ...[1, 4].map((i): [JsonObject, string] => [{ phone: `+49 (151) 0000-0${i}` }, names[i] ?? '']),
  [{ external_id: 'nobody' }, null],
  [{ user_alias: alias('nobody') }, null],
  [{ email: 'nobody@example.org' }, null],
  [{ braze_id: 'nobody' }, null],
]

describe('at the sandbox', () => {
  test('everybody is seen by every identifier, in as few requests as there can be', async () => {
    const { url, exports } = await inhabited()
    const { look } = lookupsAt(url)
    const looks = await Promise.all(wanted.map(([user]) => look(user, ['custom_attributes', 'country'])))
    expect(looks.map(one => ownerOf(seenIn(one)))).toEqual(wanted.map(([, owner]) => owner))
    const shared = 2 * names.length + 2
    expect(exports()).toHaveLength(Math.ceil(shared / endpoints.exportIds.objectsMax) + 7)
    expect(seenIn(looks[0] ?? unseen()).profile).toMatchObject({ external_id: 'Núñez', country: 'BR' })
  })

  test('a braze_id leads back to the same profile', async () => {
    const { url } = await inhabited()
    const { look } = lookupsAt(url)
    const { profile } = seenIn(await look({ external_id: '山田太郎' }))
    const again = seenIn(await look({ braze_id: profile?.['braze_id'] ?? null }))
    expect(again.profile).toEqual(profile)
  })

  test.each<[string, Omit<Fault, 'on' | 'calls'>]>([
    ['503s', { kind: 'refuse' }],
    ['pages of a gateway', { kind: 'html', status: 200 }],
    ['429s', { kind: 'refuse', status: 429 }],
    ['cut connections', { kind: 'cut_before' }],
    ['lost responses', { kind: 'cut_after' }],
    ['broken responses', { kind: 'truncated' }],
  ])('everybody is seen in spite of %s', async (_name, fault) => {
    const { url, exports } = await inhabited({
      faults: [{ ...fault, on: 'export', calls: [1, 2, 3, 5, 8, 9] }],
    })
    const { look } = lookupsAt(url)
    const looks = await Promise.all(wanted.map(([user]) => look(user)))
    expect(looks.map(one => ownerOf(seenIn(one)))).toEqual(wanted.map(([, owner]) => owner))
    expect(exports().filter(call => call.fault !== undefined)).toHaveLength(6)
  })

  test('a key without the permission is told of by name', async () => {
    const { url, exports } = await inhabited({ faults: [{ kind: 'refuse', on: 'export', status: 403 }] })
    const denials: string[] = []
    const { look } = lookupsAt(url, { denied: message => void denials.push(message), concurrency: 1 })
    const looks = await Promise.all(wanted.map(([user]) => look(user)))
    expect(new Set(looks.map(unseenIn)).size).toBe(1)
    expect(denials).toEqual([
      `${url.host} responded with 403: the key lacks the permission. The key needs the permission users.export.ids.`,
    ])
    expect(exports()).toHaveLength(1)
  })

  test('a response about somebody else is not taken for those who were asked for', async () => {
    const { url } = await inhabited({ faults: [{ kind: 'wrong_identifier', on: 'export' }] })
    const { look } = lookupsAt(url)
    const looks = await Promise.all(names.slice(0, 10).map(name => look({ external_id: name })))
    for (const one of looks) {
      const { profile, isRenamed } = seenIn(one)
      expect(profile === null || isRenamed === true).toBe(true)
    }
  })
})

describe('at a hostile server', () => {
  const page = (status: number, body: string) => (_: unknown, to: ServerResponse) => {
    to.writeHead(status, { 'content-type': 'text/html' }).end(body)
  }

  test.each<[string, number, string, string]>([
    ['a sign-in page', 200, '<html>Sign in</html>', 'the response is not from the API'],
    ['an empty response', 200, '', 'the response is empty'],
    ['JSON of something else', 200, '{"ok":true}', 'the response is not from the API'],
    ['a list', 200, '[]', 'the response is not from the API'],
    ['no status of HTTP', 599, 'x', '599'],
  ])('%s is no profile', async (_name, status, body, words) => {
    const { look } = lookupsAt(await serve(page(status, body)))
    expect(unseenIn(await look({ external_id: 'a' }))).toContain(words)
  })

  test.each<[string, (socket: Socket) => void]>([
    ['one that hangs up', socket => void socket.destroy()],
    ['one that speaks no HTTP', socket => void socket.end('220 mail.example.org ESMTP\r\n')],
    [
      'one that sends half a response',
      socket => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"use'),
    ],
    ['one that says nothing', () => {}],
    ['one that says 103 for ever', socket => void socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3))],
  ])('every look at %s ends', async (_name, onConnection) => {
    const { look } = lookupsAt(await listen(onConnection), { timeoutMs: 50 })
    const looks = await Promise.all(['a', 'b', 'c'].map(name => look({ external_id: name })))
    expect(looks.map(one => ('seen' in one ? 'seen' : one.unseen.why))).toEqual(Array(3).fill('failed'))
  })

  test('users in another shape, junk among them, and nothing else said', async () => {
    const body = JSON.stringify({
      users: [null, 7, [], {}, { external_id: 1, custom_attributes: { owner: 'one' } }, { external_id: 'é' }],
    })
    const { look } = lookupsAt(await serve(page(200, body)))
    const [one, other, none] = await Promise.all(['1', 'é', 'e'].map(name => look({ external_id: name })))
    expect(ownerOf(seenIn(one ?? unseen()))).toBe('one')
    expect(seenIn(other ?? unseen()).profile).toEqual({ external_id: 'é' })
    expect(seenIn(none ?? unseen()).profile).toBeNull()
  })

  test('a host where nothing listens', async () => {
    const { look } = lookupsAt(new URL('http://127.0.0.1:1'))
    expect(unseenIn(await look({ external_id: 'a' }))).toContain('cannot be reached (ECONNREFUSED)')
  })
})

function unseen(): Look {
  return { unseen: { why: 'failed', message: 'It is not there.' } }
}
