import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/model/digests.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Look, Wanted } from '../../src/model/observation.ts'
import { RecentLooks } from '../../src/run/recent-looks.ts'
import { SeenBefore } from '../../src/run/seen-before.ts'

describe('the users who were looked up last', () => {
  test('are looked up once while they are among the last 5,000', async () => {
    const { looks, asked } = source()
    for (let i = 0; i < 5000; i++) await looks.look({ user: `u${i}`, fields: ['email'] })
    await looks.look({ user: 'u0', fields: ['email'] })
    await looks.look({ user: 'u5000', fields: ['email'] })
    await looks.look({ user: 'u0', fields: [] })
    expect(asked).toHaveLength(5001)
    await looks.look({ user: 'u1', fields: ['email'] })
    expect(asked).toHaveLength(5002)
  })

  test('share a look that is under way', async () => {
    const { looks, asked } = source()
    const wanted = { user: 'u', fields: ['email'] }
    expect(await Promise.all([looks.look(wanted), looks.look(wanted)])).toHaveLength(2)
    expect(asked).toEqual([wanted])
  })

  test('are looked up again for a field that was not asked for, and for all that was', async () => {
    const { looks, asked } = source()
    for (const field of ['email', 'phone', 'email', 'phone']) await looks.look({ user: 'u', fields: [field] })
    expect(asked.map(({ fields }) => fields)).toEqual([['email'], ['email', 'phone']])
  })

  test('are looked up again where that failed', async () => {
    let times = 0
    const failed: Look = { unseen: { why: 'failed', message: 'no' } }
    const looks = new RecentLooks({
      look: async () => await Promise.resolve(++times === 1 ? failed : seen({})),
      close: async () => {},
    })
    for (let i = 0; i < 3; i++) await looks.look({ user: 'u', fields: [] })
    expect(times).toBe(2)
  })

  test('are fewer where their profiles are large', async () => {
    const { looks, asked } = source({ custom_attributes: { note: 'x'.repeat(1024 * 1024) } })
    for (let i = 0; i < 100; i++) await looks.look({ user: `u${i}`, fields: [] })
    await looks.look({ user: 'u99', fields: [] })
    await looks.look({ user: 'u40', fields: [] })
    expect(asked).toHaveLength(100)
    await looks.look({ user: 'u30', fields: [] })
    expect(asked).toHaveLength(101)
  })
})

describe('who was here before', () => {
  test('is always recognised, and few who were not are taken for somebody else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), names => {
        const seenBefore = new SeenBefore(names.length)
        for (const name of names) seenBefore.add(digestOf(name))
        expect(names.every(name => seenBefore.add(digestOf(name)))).toBe(true)
      }),
    )
    const many = new SeenBefore(100_000)
    let mistaken = 0
    for (let i = 0; i < 100_000; i++) if (many.add(digestOf(`user ${i}`))) mistaken++
    expect(mistaken).toBeLessThan(500)
  })
})

function source(profile: JsonObject = {}) {
  const asked: Wanted[] = []
  const looks = new RecentLooks({
    look: async wanted => {
      asked.push(wanted)
      return await Promise.resolve(seen(profile))
    },
    close: async () => {},
  })
  return { looks, asked }
}

function seen(profile: JsonObject): Look {
  return { seen: { profile, at: 0 } }
}
