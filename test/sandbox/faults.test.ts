import { EventEmitter, once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type Fault, type FaultKind, faultOf } from '../../src/sandbox/faults.ts'
import { draw, latencyOf } from '../../src/sandbox/random.ts'
import type { Sandbox, SandboxCall } from '../../src/sandbox/server.ts'
import { one, postTo, withSandbox } from './tools.ts'

const plan = (id: string) => one('attributes', { external_id: id, plan: 'gold' })
const held = (sandbox: Sandbox) => sandbox.profiles().map(profile => profile.external_id)
const thousand = Array.from({ length: 1000 }, (_, i) => i + 1)

describe('which calls are struck', () => {
  const kinds = (faults: Fault[], seed: number) => thousand.map(call => faultOf(faults, seed, call)?.kind)

  test('is the same for the same seed, and another for another', () => {
    const faults: Fault[] = [
      { kind: 'html', share: 0.1 },
      { kind: 'cut_after', share: 0.05 },
    ]
    expect(kinds(faults, 7)).toEqual(kinds(faults, 7))
    expect(kinds(faults, 7)).not.toEqual(kinds(faults, 8))
  })

  test('is close to the share', () => {
    const struck = kinds(
      [
        { kind: 'html', share: 0.1 },
        { kind: 'cut_after', share: 0.05 },
      ],
      7,
    )
    const times = (kind: FaultKind) => struck.filter(found => found === kind).length
    expect(times('html')).toBeGreaterThan(75)
    expect(times('html')).toBeLessThan(125)
    expect(times('cut_after')).toBeGreaterThan(25)
    expect(times('cut_after')).toBeLessThan(70)
  })

  test('is those that are named, all, or none', () => {
    expect(kinds([{ kind: 'silent', calls: [2, 4] }], 1).flatMap((kind, i) => (kind ? [i + 1] : []))).toEqual(
      [2, 4],
    )
    expect(kinds([{ kind: 'silent' }], 1).every(kind => kind === 'silent')).toBe(true)
    expect(kinds([{ kind: 'silent', share: 0 }], 1).every(kind => kind === undefined)).toBe(true)
    expect(kinds([{ kind: 'silent', share: 1 }], 1).every(kind => kind === 'silent')).toBe(true)
  })

  test('is settled by the first of the list that strikes', () => {
    expect(faultOf([{ kind: 'html', calls: [1] }, { kind: 'silent' }], 1, 1)?.kind).toBe('html')
    expect(faultOf([{ kind: 'html', calls: [1] }, { kind: 'silent' }], 1, 2)?.kind).toBe('silent')
  })
})

describe('randomness', () => {
  test('is that of mulberry32', () => {
    // The first numbers of the published generator with seed 1.
    let a = 1
    const published = () => {
      a = (a + 0x6d2b79f5) | 0
      let t = Math.imul(a ^ (a >>> 15), 1 | a)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
    expect([0, 1, 2, 3].map(place => draw(1, place))).toEqual([0, 1, 2, 3].map(published))
  })

  test('gives a latency with the median and the 95th percentile that were asked for', () => {
    const sorted = thousand.map(call => latencyOf({ p50: 100, p95: 400 }, 3, call)).toSorted((a, b) => a - b)
    expect(sorted[500]).toBeGreaterThan(90)
    expect(sorted[500]).toBeLessThan(110)
    expect(sorted[950]).toBeGreaterThan(330)
    expect(sorted[950]).toBeLessThan(480)
    expect(latencyOf(20, 3, 1)).toBe(20)
    expect(latencyOf({ p50: 0, p95: 5 }, 3, 1)).toBe(0)
  })
})

describe('over HTTP', () => {
  test.each<[number, string]>([
    [202, 'queued'],
    [403, 'Access Denied'],
    [429, 'Too Many Requests'],
    [500, 'Internal Server Error'],
    [502, 'Bad Gateway'],
    [503, 'Service Unavailable'],
    [504, 'Gateway Timeout'],
  ])('a status %i comes in place of the answer, and nothing is written', async (status, message) => {
    await withSandbox({ faults: [{ kind: 'refuse', status, calls: [1], ms: 2500 }] }, async sandbox => {
      const response = await postTo(sandbox, plan('a'))
      expect(response.status).toBe(status)
      expect(await response.json()).toEqual({ message })
      expect(response.headers.get('x-ratelimit-retry-after')).toBe(status === 429 ? '3' : null)
      expect(held(sandbox)).toEqual([])
      expect((await postTo(sandbox, plan('b'))).status).toBe(201)
      expect(held(sandbox)).toEqual(['b'])
    })
  })

  test('the page of a gateway is no JSON, and nothing is written', async () => {
    await withSandbox({ faults: [{ kind: 'html' }] }, async sandbox => {
      const response = await postTo(sandbox, plan('a'))
      expect(response.status).toBe(502)
      expect(response.headers.get('content-type')).toBe('text/html')
      expect(await response.text()).toMatch(/^<html>.*502 Bad Gateway/)
      expect(held(sandbox)).toEqual([])
    })
  })

  test.each<[FaultKind, string[]]>([
    ['cut_before', []],
    ['cut_after', ['a']],
  ])('%s leaves no answer and the users %j', async (kind, users) => {
    await withSandbox({ faults: [{ kind, calls: [1] }] }, async sandbox => {
      await expect(postTo(sandbox, plan('a'))).rejects.toThrow()
      expect(held(sandbox)).toEqual(users)
      expect(sandbox.calls().map(({ status, fault }) => [status, fault])).toEqual([[0, kind]])
      expect((await postTo(sandbox, plan('b'))).status).toBe(201)
    })
  })

  test('silence lasts until the client goes, or the sandbox closes', async () => {
    const struck = new EventEmitter()
    const onCall = (call: SandboxCall) => struck.emit('call', call)
    await withSandbox({ faults: [{ kind: 'silent' }], onCall }, async sandbox => {
      const controller = new AbortController()
      const called = once(struck, 'call')
      const waiting = postTo(sandbox, plan('a'), undefined, controller.signal)
      expect(await called).toMatchObject([{ status: 0, fault: 'silent' }])
      controller.abort()
      await expect(waiting).rejects.toThrow('abort')
      expect(held(sandbox)).toEqual([])
    })
  })

  test('a truncated body breaks off after the head, and the write is done', async () => {
    await withSandbox({ faults: [{ kind: 'truncated' }] }, async sandbox => {
      const response = await postTo(sandbox, plan('a'))
      expect(response.status).toBe(201)
      await expect(response.text()).rejects.toThrow()
      expect(held(sandbox)).toEqual(['a'])
    })
  })

  test('a slow body comes whole in the end, and the write is done', async () => {
    await withSandbox({ faults: [{ kind: 'slow_body', ms: 20 }] }, async sandbox => {
      const response = await postTo(sandbox, plan('a'))
      expect(await response.json()).toMatchObject({ message: 'success', users: [{ external_id: 'a' }] })
      expect(held(sandbox)).toEqual(['a'])
    })
  })

  test('a wrong identifier is that of nobody who was asked for', async () => {
    await withSandbox({ faults: [{ kind: 'wrong_identifier' }] }, async sandbox => {
      const user_alias = { alias_name: 'n', alias_label: 'l' }
      const alias = one('attributes', { user_alias, plan: 'gold', _update_existing_only: false })
      const custom_attributes = { plan: 'gold' }
      expect(await (await postTo(sandbox, plan('a'))).json()).toMatchObject({
        users: [{ external_id: 'other-a', custom_attributes }],
      })
      expect(await (await postTo(sandbox, alias)).json()).toMatchObject({
        users: [{ user_alias: { alias_name: 'other-n', alias_label: 'l' }, custom_attributes }],
      })
      expect(held(sandbox)[0]).toBe('a')
    })
  })

  test('over the limit a call is refused for that, and no fault comes on top', async () => {
    await withSandbox(
      { limit: 1, window: 'rolling', faults: [{ kind: 'html', calls: [2] }] },
      async sandbox => {
        await postTo(sandbox, plan('a'))
        expect((await postTo(sandbox, plan('b'))).status).toBe(429)
        expect(sandbox.calls()[1]).not.toHaveProperty('fault')
      },
    )
  })

  test('the neighbours are not struck', async () => {
    await withSandbox({ faults: [{ kind: 'html' }] }, async sandbox => {
      expect((await postTo(sandbox, plan('a'), '/users/track')).status).toBe(201)
    })
  })
})
